"""The football of vmas as a parallel environment that begins from our levels: pitch `vmas` of MADRID.

vmas (Bettini et al. 2022) is a simulator in torch, which whoever wants it installs: `pip install vmas`. Its football is
another game than ours: no offside and no keepers but by where they begin, walls instead of lines, and a ball that is
pushed rather than kicked. A step is 0.1 of its seconds; players go 0.015 and the ball 0.03 at most, on a pitch of
3 by 1.5. A player's actions are nine pushes, stay and eight directions, each side seeing itself attack to the right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football.pitch import LENGTH, WIDTH
from wunderkammer.worlds.football.summary import SIDES
from wunderkammer.worlds.football.touches import Touches

Strengths: TypeAlias = tuple[float | None, float | None]
"""Of vmas's own players on the left and on the right; None: somebody else plays there."""
Told: TypeAlias = dict[str, Any]

OWN = {f"vmas-ai-{tenths / 10:g}": tenths / 10 for tenths in range(1, 11)}
"""vmas's `AgentPolicy`, of this strength in speed, decision and precision alike."""
TOUCH = 0.01
"""How far from a player the ball may be to be held as touched: as in the scenario's `touching_ball`."""


class VmasPitch:
    """One match at a time, by the interface that `domains.madrid.parallel` states.

    Places are stretched from the football's pitch to the scenario's, by another factor along x than along y, and kept
    off the walls. As after vmas's own resets players may begin upon one another or upon the ball: its physics push
    them apart in the first steps.
    """

    own_players = tuple(OWN)

    def __init__(self, players: int = 5, make: Callable[..., Any] | None = None) -> None:
        """players: of a side; make: vmas's `make_env`.

        Raises:
            ConfigError: vmas is not installed.
        """
        self._make = make or _vmas().make_env
        self._players = players
        self._matches: dict[Strengths, Any] = {}
        self._begin((None, None))
        self.possible_agents = [f"{side}_{at}" for side in SIDES for at in range(players)]
        self.agents: list[str] = []

    def observation_space(self, agent: str) -> Any:
        return self._match_of((None, None)).observation_space[self.possible_agents.index(agent)]

    def action_space(self, agent: str) -> Any:
        return self._match_of((None, None)).action_space[self.possible_agents.index(agent)]

    def reset(self, seed: int | None = None, options: Mapping[str, Any] | None = None) -> tuple[Told, Told]:
        """options: `positions`, and `players`, who of `own_players` plays for which side. Without positions, vmas's."""
        options = options or {}
        sitting = options.get("players", {})
        left, right = (OWN[sitting[side]] if side in sitting else None for side in SIDES)
        self._begin((left, right))
        self._match.reset(seed=seed, return_observations=False)
        self._score()
        if "positions" in options:
            self._put(options["positions"])
        self.agents = list(self.possible_agents)
        (seen,) = self._match.get_from_scenario(
            get_observations=True, get_rewards=False, get_infos=False, get_dones=False
        )
        return self._seen(seen), self._infos(0)

    def step(self, actions: Mapping[str, int]) -> tuple[Told, Told, Told, Told, Told]:
        """Of sides that vmas's own players play no action is looked at."""
        chosen = [[float(actions[name])] for name in self._asked]
        seen = self._match.step(chosen)[0]
        score = self._score()
        infos = self._infos(score)
        rewards = {name: float(score if name.startswith("left") else -score) for name in self.agents}
        ended = dict.fromkeys(self.agents, bool(score))
        if score:
            self.agents = []
        return self._seen(seen), rewards, ended, dict.fromkeys(ended, False), infos

    # ---- between the two pitches -------------------------------------------------------------------------------------

    def _begin(self, strengths: Strengths) -> None:
        self._match = self._match_of(strengths)
        game = self._match.scenario
        self._bodies = [*game.blue_agents, *game.red_agents]
        self._asked = [
            f"{side}_{at}"
            for side, strength in zip(SIDES, strengths, strict=True)
            if strength is None
            for at in range(self._players)
        ]
        self._half = np.array([game.pitch_length / 2, game.pitch_width / 2])
        self._scale = self._half / (LENGTH, WIDTH)
        self._touches = Touches(self._players, game.agent_size + game.ball_size + TOUCH, game.max_speed)

    def _match_of(self, strengths: Strengths) -> Any:
        """The environment for these players; who plays is settled when it is made, so there is one for each pair."""
        if strengths not in self._matches:
            left, right = strengths
            of_ai = (left or 1.0, right or 1.0)
            self._matches[strengths] = self._make(
                "football", num_envs=1, continuous_actions=False, dense_reward=False,
                n_blue_agents=self._players, n_red_agents=self._players,
                ai_blue_agents=left is not None, ai_red_agents=right is not None,
                ai_strength=of_ai, ai_decision_strength=of_ai, ai_precision_strength=of_ai,
            )  # fmt: skip
        return self._matches[strengths]

    def _put(self, positions: Mapping[str, Any]) -> None:
        game = self._match.scenario
        ours = np.array([*positions["left"], *positions["right"], positions["ball"]], np.float64)
        if len(ours) != len(self._bodies) + 1:
            raise ConfigError(f"positions of {len(ours) - 1} players for a pitch of {len(self._bodies)}")
        most = self._half - max(game.agent_size, game.ball_size)
        theirs = np.clip(ours * self._scale, -most, most)
        for body, place in zip([*self._bodies, game.ball], theirs.tolist(), strict=True):
            body.state.pos[0, 0], body.state.pos[0, 1] = place

    def _score(self) -> int:
        """Left's goals less right's. vmas sees a goal when it pays its first player: where that one is its own, and the
        right's are not, it would see none."""
        self._match.scenario.reward(None)
        over = bool(self._match.done()[0])
        return int(np.sign(float(self._match.scenario.ball.state.pos[0, 0]))) if over else 0

    # ---- what is told ------------------------------------------------------------------------------------------------

    def _seen(self, seen: Any) -> Told:
        return {name: np.asarray(one[0]) for name, one in zip(self._asked, seen, strict=True)}

    def _infos(self, score: int) -> dict[str, Told]:
        places, velocities = (
            np.array([_pair(getattr(body.state, what)) for body in self._bodies]) for what in ("pos", "vel")
        )
        ball = _pair(self._match.scenario.ball.state.pos)
        self._touches.see(places, velocities, ball)
        where = (places / self._scale).reshape(2, -1, 2).tolist()
        positions = {**dict(zip(SIDES, where, strict=True)), "ball": (ball / self._scale).tolist()}
        return {
            f"{side}_{at}": {"score": score, "positions": positions, "figures": self._touches.figures(number, score)}
            for number, side in enumerate(SIDES)
            for at in range(self._players)
        }


def _pair(values: Any) -> NDArray[np.float64]:
    return np.asarray(values[0], np.float64)


def _vmas() -> Any:
    try:
        return import_module("vmas")
    except ImportError as lack:
        raise ConfigError(f"the pitch vmas needs vmas and torch ({lack}): pip install vmas==1.5.2") from lack
