"""Any PettingZoo parallel environment as an engine, where it can be begun from given positions.

The environment is what an entry point of group `wunderkammer.pitches` makes when called. What it has to keep:

- `possible_agents` are the players of two sides, their names beginning with `left` and `right`, the keeper first; all
  have one shape of observation and choose among one number of actions;
- `reset(seed=…, options={"positions": {"left": [[x, y], …], "right": …, "ball": [x, y]}})` begins a match there; the
  same seed and the same positions begin the same match;
- who scored is `infos[agent]["score"]`, left's goals less right's, where any agent is told it; else the sign of what
  left's agents were paid in all less what right's were. A match ends with a goal, or when nobody has a turn any more.

It may say more. `infos[agent]["figures"]`, what the agent's side did so far by the names of
`worlds.football.summary.OF_A_SIDE` and `own_goal`: what is not told counts as never seen.
`infos[agent]["positions"]`, as above: with it there are clips.

It may bring players of its own: `own_players` are their names, and `reset(options={"players": {"left": name}})` says
for which side one plays; the actions of that side then mean nothing. What is made with an argument `players` is told
how many a side has.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.madrid.matches import Matches
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario, plain
from wunderkammer.domains.madrid.tracing import traced
from wunderkammer.worlds.football import level as levels_of
from wunderkammer.worlds.football import outside
from wunderkammer.worlds.football.outside import Outside
from wunderkammer.worlds.football.summary import OF_A_SIDE, SIDES

if TYPE_CHECKING:
    from wunderkammer.worlds.football.match import Trace

PITCHES = "wunderkammer.pitches"
FIGURES = (*OF_A_SIDE, "own_goal")
_SEEDS = 2**31 - 1


class Ground(NamedTuple):
    """An environment, looked over."""

    env: Any
    sides: tuple[tuple[str, ...], tuple[str, ...]]
    """Names of left's agents and of right's."""
    shape: tuple[int, ...]
    """Of an observation."""
    actions: int
    own: tuple[str, ...] = ()
    """Players that it brings along."""


@dataclass
class Played:
    """One match."""

    value: int = 0
    figures: dict[str, Mapping[str, float]] = field(default_factory=dict)
    """By side."""
    moments: list[Mapping[str, Any]] = field(default_factory=list)
    """Positions, where they are told."""
    fault: bool = False


@dataclass(frozen=True)
class ParallelFootball:
    """Implements `Engine`. One match after the other, in this process."""

    options: MadridOptions

    def play(self, left: str, right: str, levels: Sequence[Scenario], seeds: Sequence[int]) -> Matches:
        sides = self._player(left), self._player(right)
        played = [
            [self._match(sides, level, seed, at) for at in range(self.options.repeats)]
            for level, seed in zip(levels, seeds, strict=True)
        ]
        left_did, right_did = (
            {name: np.array([[_figure(one, side, name) for one in row] for row in played], np.float32)
             for name in FIGURES}
            for side in SIDES
        )  # fmt: skip
        value = np.array([[one.value for one in row] for row in played], np.float32)
        return Matches(value, left_did, right_did, np.array([any(one.fault for one in row) for row in played]))

    def clip(self, left: str, right: str, level: Scenario, seed: int) -> Trace | None:
        found = self._match((self._player(left), self._player(right)), level, seed, 0)
        if not found.moments or found.fault:
            return None
        figures = {f"{name}_{side}": _figure(found, side, name) for name in FIGURES for side in SIDES}
        return traced(found.moments, found.value, figures, (left, right))

    # ---- before any match --------------------------------------------------------------------------------------------

    @cached_property
    def _ground(self) -> Ground:
        point = outside.installed(PITCHES).get(self.options.pitch)
        if point is None:
            known = ", ".join(outside.installed(PITCHES)) or "none"
            raise ConfigError(f"no pitch {self.options.pitch!r} is installed; packages offer, as {PITCHES}: {known}")
        players = self.options.players
        ground = looked_over(_made(outside.loaded(point), players), self.options.pitch, players)
        _keeps_positions(ground, self.options.pitch)
        return ground

    @cached_property
    def _known(self) -> dict[str, Outside]:
        """Those that were checked."""
        return {}

    def _player(self, name: str) -> Outside:
        if name not in self._known:
            ground = self._ground
            player = Outside(name, _asleep) if name in ground.own else outside.named(name)
            if player is None:
                known = ", ".join([*outside.installed(), *ground.own]) or "none is installed"
                raise ConfigError(
                    f"{name!r} cannot play on {self.options.pitch}: name an ONNX network, or a function that a package "
                    f"offers as {outside.PLAYERS}: {known}"
                )
            outside.check(player, len(ground.sides[0]), int(np.prod(ground.shape)), ground.actions)
            self._known[name] = player
        return self._known[name]

    # ---- a match -----------------------------------------------------------------------------------------------------

    def _match(self, players: tuple[Outside, Outside], level: Scenario, seed: int, at: int) -> Played:
        ground, found = self._ground, Played(figures={side: {} for side in SIDES})
        draws = np.random.default_rng([seed, at])
        own = {side: one.name for side, one in zip(SIDES, players, strict=True) if one.name in ground.own}
        seen, infos = begun(ground, level, (seed + 7919 * at) % _SEEDS, own)
        paid = _told(found, ground, infos, 0.0, {})
        for _ in range(self.options.steps):
            actions: dict[str, int] = {}
            for player, names in zip(players, ground.sides, strict=True):
                luck = draws.random((1, len(names)), np.float32)
                chosen = outside.ask(player, _observations(ground, names, seen), luck, ground.actions)[0]
                actions |= dict(zip(names, chosen.tolist(), strict=True))
            if min(actions.values()) < 0:
                return Played(figures=found.figures, fault=True)
            here = set(ground.env.agents)
            seen, rewards, _, _, infos = ground.env.step({name: one for name, one in actions.items() if name in here})
            paid = _told(found, ground, infos, paid, rewards)
            if not ground.env.agents or _score(infos):
                break
        if _score(infos) is None:
            found.value = int(np.sign(paid))
        found.fault = not np.isfinite(paid)
        return found


def looked_over(env: Any, name: str, players: int) -> Ground:
    """The environment's two sides; `ConfigError` says what does not fit."""
    sides = tuple(tuple(agent for agent in env.possible_agents if str(agent).startswith(side)) for side in SIDES)
    if sum(map(len, sides)) != len(env.possible_agents) or {len(side) for side in sides} != {players}:
        raise ConfigError(
            f"{name} has agents {', '.join(map(str, env.possible_agents))}; give left… and right…, {players} each, "
            f"or run it with -o players={max(map(len, sides))}"
        )
    shapes = {tuple(env.observation_space(agent).shape or ()) for agent in env.possible_agents}
    counts = {getattr(env.action_space(agent), "n", None) for agent in env.possible_agents}
    if len(shapes) != 1 or len(counts) != 1 or None in counts:
        raise ConfigError(f"{name}: give all agents one shape of observation and one number of discrete actions")
    return Ground(
        env, (sides[0], sides[1]), shapes.pop(), int(counts.pop() or 0), tuple(getattr(env, "own_players", ()))
    )


def begun(
    ground: Ground, level: Scenario, seed: int, own: Mapping[str, str] | None = None
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Observations and infos at the beginning of a match. own: by side, who of the environment's players plays."""
    options = {"positions": plain(level.lineup), **({"players": own} if own else {})}
    seen, infos = ground.env.reset(seed=seed, options=options)
    return seen, infos


def _made(make: Any, players: int) -> Any:
    """The environment, for so many players a side where it can be told."""
    return make(players=players) if "players" in inspect.signature(make).parameters else make()


def _asleep(_: NDArray[np.float32], luck: NDArray[np.float32]) -> NDArray[np.int32]:
    """In the place of those whom the environment moves itself."""
    return np.zeros(luck.shape, np.int32)


def _keeps_positions(ground: Ground, name: str) -> None:
    """Whether matches begin where they are told to; a search over an environment that begins anywhere means nothing."""
    rng = np.random.default_rng(0)
    first, other = (
        Scenario.model_validate({**plain(levels_of.sample(rng, len(ground.sides[0]))), "reference": name})
        for _ in range(2)
    )
    views = [_whole(ground, begun(ground, level, 1)[0]) for level in (first, first, other)]
    if not np.array_equal(views[0], views[1]):
        raise ConfigError(f"{name}: the same seed and positions begin two matches; draw by the seed of reset")
    if np.array_equal(views[0], views[2]):
        raise ConfigError(f"{name}: its reset takes no notice of options['positions']; begin the match there")


def _whole(ground: Ground, seen: Mapping[str, Any]) -> NDArray[np.float32]:
    return np.concatenate([_observations(ground, names, seen) for names in ground.sides], axis=1)


def _observations(ground: Ground, names: Sequence[str], seen: Mapping[str, Any]) -> NDArray[np.float32]:
    """(1, players, features); nothing is seen by who has no turn any more."""
    nothing = np.zeros(ground.shape, np.float32)
    return np.stack([np.asarray(seen.get(name, nothing), np.float32).reshape(-1) for name in names])[None]


def _told(found: Played, ground: Ground, infos: Mapping[str, Any], paid: float, rewards: Mapping[str, float]) -> float:
    """Keep what a step tells; what left was paid so far, less what right was."""
    for side, names in zip(SIDES, ground.sides, strict=True):
        for name in names:
            found.figures[side] = {**found.figures[side], **infos.get(name, {}).get("figures", {})}
    places = next((info["positions"] for info in infos.values() if "positions" in info), None)
    if places is not None:
        found.moments.append(places)
    score = _score(infos)
    found.value = int(np.sign(score)) if score else 0
    left, right = (sum(float(rewards.get(name, 0.0)) for name in names) for names in ground.sides)
    return paid + left - right


def _score(infos: Mapping[str, Any]) -> float | None:
    """None where nobody is told it."""
    return next((float(info["score"]) for info in infos.values() if "score" in info), None)


def _figure(found: Played, side: str, name: str) -> float:
    """Where nobody says which passes arrived, none is held to have gone astray."""
    told = found.figures[side]
    return float(told.get(name, told.get("passes", 0.0) if name == "completed" else 0.0))
