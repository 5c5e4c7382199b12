"""Matches in the real engine: from any level, between TiZero and the engine's own players.

This runs in the environment that has `gfootball`; of ours it needs the source alone, and numpy.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from wunderkammer.worlds.grf import sight
from wunderkammer.worlds.grf.tizero import Memory, TiZero

SCENARIO = "wunderkammer_level"
PLAYERS = 11
BUILT_IN = 19
"""The action by which the engine moves a player itself."""
DURATION = 3000
"""What the engine is told: a match that was to last 128 steps would show TiZero a clock that it never saw."""
ROLES = ("GK", "RM", "CF", "LB", "CB", "CB", "RB", "CM", "CM", "CM", "LM")
POSTS = (-0.044, 0.044)
FREE_KICK = 3
"""The mode of the game after a foul or an offside."""

Level = Mapping[str, Any]
"""Plain: left and right, eleven pairs each with the keeper first, and ball, a pair."""


class Refused(ValueError):
    """A match that cannot be played as asked."""


@dataclass
class Played:
    """One match, from left's side. `features` are counts by name, left's and right's."""

    value: int
    steps: int
    own_goal: bool
    features: dict[str, list[float]]
    trace: list[dict[str, Any]] = field(default_factory=list)
    """Positions step by step, where they were wanted."""


class Side:
    """Who plays a side: TiZero, or the engine's players at a difficulty in [0, 1]."""

    def __init__(self, name: str, tizero: TiZero | None) -> None:
        self.name, self.actor, self.difficulty = name, None, 1.0
        if name == "tizero":
            if tizero is None:
                raise Refused("tizero: no weights were given; make grf TIZERO=actor.pt")
            self.actor = tizero
        else:
            try:
                self.difficulty = float(name.removeprefix("bot-"))
            except ValueError:
                raise Refused(f"{name!r} is no player here; tizero, or bot-0.05 to bot-1") from None
            if not (name.startswith("bot-") and 0 <= self.difficulty <= 1):
                raise Refused(f"{name!r}: the difficulty of a bot is in [0, 1]")


class Pitch:
    """Engines that are started once and reset for each match: one for each way of controlling the two sides."""

    def __init__(self, tizero: TiZero | None) -> None:
        self.tizero = tizero
        self._engines: dict[tuple[bool, bool], Any] = {}
        self._level: Level = {}
        self._difficulties = (1.0, 1.0)
        module = ModuleType(f"gfootball.scenarios.{SCENARIO}")
        module.build_scenario = self._build  # type: ignore[attr-defined]  # what the engine looks for in a scenario
        sys.modules[module.__name__] = module

    def play(self, level: Level, left: str, right: str, seed: int, steps: int, trace: bool = False) -> Played:
        """One match, until a goal or for so many steps; the same seed is the same match.

        Raises:
            Refused: the level has not eleven players a side, or a player is not known.
            FloatingPointError: a policy's scores were no numbers.
        """
        _check(level)
        sides = Side(left, self.tizero), Side(right, self.tizero)
        self._level, self._difficulties = level, (sides[0].difficulty, sides[1].difficulty)
        engine = self._engine((sides[0].actor is not None, sides[1].actor is not None))
        config = engine.unwrapped._config
        config["game_engine_random_seed"], config["reverse_team_processing"] = seed, bool(seed % 2)
        seen, counts = engine.reset(), Counts()
        memories, tracks = [Memory(PLAYERS - 1), Memory(PLAYERS - 1)], []
        value, own_goal, taken = 0, False, 0
        while taken < steps and not value:
            taken += 1
            core = engine.unwrapped._env.observation()
            if trace:
                tracks.append(_places(core))
            actions = self._actions(seen, sides, memories)
            counts.see(core, actions)
            seen, _, done, _ = engine.step(actions.tolist())
            core = engine.unwrapped._env.observation()
            value = int(np.sign(core["score"][0] - core["score"][1]))
            if value:
                own_goal = counts.last == (1 if value > 0 else 0)
            if done:
                break
        return Played(value, taken, own_goal, counts.plain(), tracks)

    def _actions(self, seen: Sequence[Any], sides: tuple[Side, Side], memories: Sequence[Memory]) -> Any:
        """Of all controlled players: left's eleven, then right's. Keepers are moved by the engine."""
        parts, rest = [], list(seen)
        for side, memory in zip(sides, memories, strict=True):
            if side.actor is None:
                continue
            own, rest = rest[:PLAYERS], rest[PLAYERS:]
            field = [raw for raw in own if raw["active"] != 0]
            chosen = dict(zip((raw["active"] for raw in field), side.actor.act(field, memory), strict=True))
            parts += [int(chosen.get(raw["active"], BUILT_IN)) for raw in own]
        return np.array(parts, int)

    def _engine(self, controlled: tuple[bool, bool]) -> Any:
        if not any(controlled):
            raise Refused("two bots cannot be told apart by a level: let TiZero play one side")
        if controlled not in self._engines:
            from gfootball.env import create_environment

            self._engines[controlled] = create_environment(
                env_name=SCENARIO,
                representation="raw",
                number_of_left_players_agent_controls=PLAYERS * controlled[0],
                number_of_right_players_agent_controls=PLAYERS * controlled[1],
                other_config_options={"action_set": "full"},
            )
        return self._engines[controlled]

    def _build(self, builder: Any) -> None:
        """What the engine asks a scenario for, at each reset."""
        from gfootball.env import scenario_builder

        config = builder.config()
        config.game_duration, config.deterministic, config.offsides = DURATION, False, True
        config.end_episode_on_score = True
        config.left_team_difficulty, config.right_team_difficulty = self._difficulties
        level = self._level or KICK_OFF
        builder.SetBallPosition(*map(float, level["ball"]))
        for side, sign in (("left", 1.0), ("right", -1.0)):  # each side's places are told as its own side sees them
            builder.SetTeam(getattr(scenario_builder.Team, f"e_{side.title()}"))
            for role, (x, y) in zip(ROLES, level[side], strict=True):
                builder.AddPlayer(
                    sign * float(x), sign * float(y), getattr(scenario_builder.Role, f"e_PlayerRole_{role}")
                )


_HOME = [[-0.95, 0.0], *([-0.5 + 0.1 * (at % 4), -0.3 + 0.06 * at] for at in range(10))]
KICK_OFF: Level = {"left": _HOME, "right": [[-x, -y] for x, y in _HOME], "ball": [0.0, 0.0]}
"""What an engine is made with, before the first level."""


class Counts:
    """What a match tells of how it went, by side."""

    def __init__(self) -> None:
        self.last = -1
        """The side that touched the ball last."""
        self._doing = (-1, -1, sight.IDLE)
        """Who had the ball a step ago, and what was done with it: a kick takes several steps, and counts once."""
        self.features = {
            name: [0.0, 0.0]
            for name in (
                "possession",
                "lost",
                "passes",
                "shots",
                "shot_distance",
                "shot_angle",
                "shots_sprinting",
                "stopped",
            )
        }

    def see(self, core: Mapping[str, Any], actions: Any) -> None:
        """A moment, and what the controlled players are about to do. Of players that the engine moves it is not known
        what they mean to do: their shots and passes are not counted."""
        team, owner = int(core["ball_owned_team"]), int(core["ball_owned_player"])
        if team >= 0:
            if self.last not in (-1, team):
                self.features["lost"][self.last] += 1
            self.last = team
            self.features["possession"][team] += 1
            doing = team, owner, self._action(core, actions, team, owner)
            if doing != self._doing and doing[2] in sight.PASSES:
                self.features["passes"][team] += 1
            if doing != self._doing and doing[2] == sight.SHOT:
                self._shot(core, team, owner)
            self._doing = doing
        if int(core["game_mode"]) == FREE_KICK and self.last >= 0:
            self.features["stopped"][self.last] = 1.0

    def _action(self, core: Mapping[str, Any], actions: Any, team: int, owner: int) -> int:
        lefts = len(core["left_agent_controlled_player"])
        controlled = list(core[("left", "right")[team] + "_agent_controlled_player"])
        return int(actions[team * lefts + controlled.index(owner)]) if owner in controlled else sight.IDLE

    def _shot(self, core: Mapping[str, Any], team: int, owner: int) -> None:
        name, goal = ("left", 1.0) if team == 0 else ("right", -1.0)
        place = np.asarray(core[f"{name}_team"], float)[owner]
        to_posts = [np.arctan2(post - place[1], goal - place[0]) for post in POSTS]
        sticky = core[f"{name}_agent_sticky_actions"][list(core[f"{name}_agent_controlled_player"]).index(owner)]
        self.features["shots"][team] += 1
        self.features["shot_distance"][team] += float(np.hypot(goal - place[0], place[1]))
        self.features["shot_angle"][team] += float(abs((to_posts[1] - to_posts[0] + np.pi) % (2 * np.pi) - np.pi))
        self.features["shots_sprinting"][team] += float(sticky[8])

    def plain(self) -> dict[str, list[float]]:
        return {name: [round(one, 4) for one in both] for name, both in self.features.items()}


def _check(level: Level) -> None:
    for name, count in (("left", PLAYERS), ("right", PLAYERS), ("ball", None)):
        places = np.asarray(level.get(name, ()), float)
        if places.shape != ((2,) if count is None else (count, 2)) or not np.isfinite(places).all():
            raise Refused(f"{name}: {'a pair' if count is None else f'{count} pairs'} of finite numbers, please")


def _places(core: Mapping[str, Any]) -> dict[str, Any]:
    rounded: Callable[[Any], Any] = lambda values: np.round(np.asarray(values, float), 3).tolist()  # noqa: E731
    return {"left": rounded(core["left_team"]), "right": rounded(core["right_team"]), "ball": rounded(core["ball"][:2])}
