"""The football of this house as an engine: compiled once for each kind of policies, whatever the levels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.domains.madrid.matches import Engine, Figures, Matches
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario
from wunderkammer.worlds.football import hosted
from wunderkammer.worlds.football import level as levels_of
from wunderkammer.worlds.football.hosted import Player
from wunderkammer.worlds.football.match import Trace
from wunderkammer.worlds.football.players import anybody
from wunderkammer.worlds.football.world import Football

TOGETHER = 16
"""Levels in one call of the compiled program, always: a shorter batch is filled up with its first level."""
MATCHES = 16
"""From each level in one call, at most: more are played in several calls of the same program, by keys of their own."""


@dataclass(frozen=True)
class JaxFootball:
    """Implements `Engine`."""

    options: MadridOptions

    def play(self, left: str, right: str, levels: Sequence[Scenario], seeds: Sequence[int]) -> Matches:
        sides = self._policy(left), self._policy(right)
        parts = [self._play(sides, some, own) for some, own in _parts(levels, seeds)]
        return Matches(
            np.concatenate([part.value for part in parts]),
            _joined([part.left for part in parts]),
            _joined([part.right for part in parts]),
            np.concatenate([part.fault for part in parts]),
        )

    def _play(self, sides: tuple[Player, Player], levels: Sequence[Scenario], seeds: Sequence[int]) -> Matches:
        count, spare = len(levels), TOGETHER - len(levels)
        lineups = levels_of.stack([one.lineup for one in [*levels, *[levels[0]] * spare]])
        first = _keys([*seeds, *[0] * spare])
        rounds, each = -(-self.options.repeats // MATCHES), min(self.options.repeats, MATCHES)
        played = []
        for number in range(rounds):
            keys = first if number == 0 else jax.vmap(lambda key, at=number: jax.random.fold_in(key, at))(first)
            played.append(hosted.judged(self._world, *sides, lineups, keys, each))
        results, faults = zip(*jax.device_get(played), strict=True)

        def whole(parts: Sequence[Any]) -> Any:
            return np.concatenate(parts, 1)[:count, : self.options.repeats]

        features = {name: whole([result.features[name] for result in results]) for name in results[0].features}
        left, right = (_of_side(features, side) for side in ("left", "right"))
        value, fault = whole([result.value for result in results]), whole(faults)
        return Matches(value, left, right, fault.any(1))

    def clip(self, left: str, right: str, level: Scenario, seed: int) -> Trace:
        key = _keys([seed])[0]
        return hosted.traces(self._world, self._policy(left), self._policy(right), level.lineup, key)[0]

    @cached_property
    def _world(self) -> Football:
        return Football(self.options.players, steps=self.options.steps, offside=self.options.offside)

    @cached_property
    def _known(self) -> dict[str, Player]:
        """Those that were checked."""
        return {}

    def _policy(self, name: str) -> Player:
        """By name; the first time it is looked whether it fits what this football shows, before any match."""
        if name not in self._known:
            policy = policy_of(name)
            players = self.options.players
            hosted.check(self._world, levels_of.sample(np.random.default_rng(0), players), policy)
            self._known[name] = policy
        return self._known[name]


def policy_of(name: str) -> Player:
    """A policy that comes with the football, the weights in a file, an ONNX network, or a function of an installed
    package.

    Raises:
        ConfigError: there is none of these.
    """
    return anybody(name)


def engine(options: MadridOptions) -> Engine:
    """The engine of a run."""
    if options.engine == "grf":
        from wunderkammer.domains.madrid.real import GrfFootball

        return GrfFootball(options)
    if options.engine == "pettingzoo":
        from wunderkammer.domains.madrid.parallel import ParallelFootball

        return ParallelFootball(options)
    return JaxFootball(options)


def _parts(levels: Sequence[Scenario], seeds: Sequence[int]) -> Iterator[tuple[Sequence[Scenario], Sequence[int]]]:
    for at in range(0, len(levels), TOGETHER):
        yield levels[at : at + TOGETHER], seeds[at : at + TOGETHER]


def _joined(parts: Sequence[Figures]) -> Figures:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _keys(seeds: Sequence[int]) -> Any:
    """One key for each level."""
    return jax.vmap(jax.random.key)(jnp.array(seeds, jnp.uint32))


def _of_side(features: dict[str, np.ndarray[Any, Any]], side: str) -> Figures:
    """The figures of a side by their names without it."""
    end = f"_{side}"
    return {name.removesuffix(end): values for name, values in features.items() if name.endswith(end)}
