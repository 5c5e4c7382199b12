"""What a video model learns the room of toys from: an expert's ways with their goals in words, and random ways with
what is done in words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from wunderkammer.domains.video_decisions import rooms
from wunderkammer.domains.video_decisions.rooms import Codes
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.learners.video.narrated import pages
from wunderkammer.learners.video.tiles import Tiles
from wunderkammer.learners.video.words import Words
from wunderkammer.worlds.toys import expert
from wunderkammer.worlds.toys.level import Level, spoken
from wunderkammer.worlds.toys.levels import ToyLevels
from wunderkammer.worlds.toys.words import combinations
from wunderkammer.worlds.toys.world import State, Toys
from wunderkammer.worlds.world import Key

NO_ACTION = -1
"""Where a way is over and stands still."""
PLAYED = 3
"""One page in so many shows play."""
PROMPTED = 4
"""One step in so many learns from demonstrations that are shown instead of told."""
FRAMES_SHOWN = 3
"""Of a demonstration: its first, its middle and its last."""


class Pairs(NamedTuple):
    """Frames and the next ones."""

    said: Codes
    """(pairs, length)."""
    codes: Codes
    """(pairs, frames, cells)."""
    action: NDArray[np.int64]
    """(pairs,): what led to the last frame; `NO_ACTION` where nothing did."""


class Ways(NamedTuple):
    """Episodes, until all are over."""

    codes: Codes
    """(steps + 1, episodes, cells)."""
    action: NDArray[np.int64]
    """(steps, episodes)."""
    length: NDArray[np.int64]
    """Steps of each until it was over."""


def known_levels(world: Toys) -> ToyLevels:
    """Rooms whose sentences may be learned from: no combination that is held out is in them."""
    told = combinations(held=False)
    return ToyLevels(world, told, told)


def new_levels(world: Toys) -> ToyLevels:
    """Rooms whose goal's first toy is one that nobody has named."""
    return ToyLevels(world, combinations(held=True), combinations(held=False))


@dataclass(frozen=True)
class Film:
    """Pages of both kinds, and of demonstrations."""

    seed: int
    side: int
    told: Pairs
    played: Pairs
    prompted: Pairs
    """Pages of a demonstration, then of a way in another room with the same goal."""

    @classmethod
    def of(cls, settings: VideoSettings, world: Toys = Toys()) -> Film:
        """As many demonstrations and plays as the settings say."""
        key = jax.random.fold_in(jax.random.key(settings.seed), 11)
        to_told, to_played, to_moved, to_chance = jax.random.split(key, 4)
        levels = sampled(known_levels(world), to_told, settings.demonstrations)
        ways, said = demonstrated(world, levels), sentences(levels)
        other = demonstrated(world, moved(world, to_moved, levels))
        played = sampled(ToyLevels(world), to_played, max(1, settings.plays))
        seen = wandered(world, played, to_chance)
        moves = rooms.words().all(rooms.MOVES)
        return cls(
            settings.seed,
            world.side,
            _pairs(ways, said),
            _pairs(seen, None)._replace(said=moves[seen.action.T.reshape(-1)]),
            _pairs(ways, rooms.words().all([rooms.SHOWN]).repeat(len(said), 0), shown(other)),
        )

    @property
    def tiles(self) -> Tiles:
        return rooms.tiles()

    @property
    def words(self) -> Words:
        return rooms.words()

    def batch(self, turn: int, size: int) -> Tensor:
        """Pages of a step."""
        if turn % PROMPTED == PROMPTED - 1:
            dice = np.random.default_rng([self.seed, 13, turn])
            # A page of a demonstration has more frames; fewer of them cost as much.
            rows = dice.integers(len(self.prompted.said), size=max(1, size * 2 // (FRAMES_SHOWN + 2)))
            return pages(self.prompted.said[rows], self.prompted.codes[rows])
        chosen = self.drawn(turn, size)
        return pages(chosen.said, chosen.codes)

    def drawn(self, turn: int, size: int) -> Pairs:
        """Pairs with their actions, told and played."""
        dice = np.random.default_rng([self.seed, 17, turn])
        played = size // PLAYED
        parts = [(self.told, size - played), (self.played, played)]
        rows = [(part, dice.integers(len(part.said), size=count)) for part, count in parts]
        columns = zip(*((part.said[own], part.codes[own], part.action[own]) for part, own in rows), strict=True)
        return Pairs(*(np.concatenate(column) for column in columns))

    def labelled(self, turn: int, size: int) -> Tensor:
        """The same pairs as `drawn`, those with an action, as int64 (pairs, length + cells + cells + 1): sentence,
        frame, next frame, action."""
        found = self.drawn(turn, size)
        acted = found.action != NO_ACTION
        flat = found.codes.reshape(len(found.codes), -1)
        return torch.from_numpy(np.concatenate([found.said, flat, found.action[:, None]], 1)[acted])


def sampled(levels: ToyLevels, key: Key, count: int) -> Level:
    """So many levels, stacked."""
    found: Level = jax.jit(jax.vmap(levels.sample))(jax.random.split(key, count))
    return found


def sentences(levels: Level) -> Codes:
    """(levels, length): their goals in words."""
    return np.asarray(jax.jit(jax.vmap(lambda level: spoken(level, level.goal)))(levels), np.int64)


def moved(world: Toys, key: Key, levels: Level) -> Level:
    """The same toys and goals, everything elsewhere."""

    def one(key: Key, level: Level) -> Level:
        cells = jax.random.permutation(key, world.side**2)[: world.toys + 1]
        places = jnp.stack(jnp.divmod(cells, world.side), -1).astype(jnp.int32)
        return Level(places[0], places[1:], level.colours, level.shapes, level.goal)

    found: Level = jax.jit(jax.vmap(one))(jax.random.split(key, len(levels.agent)), levels)
    return found


def demonstrated(world: Toys, levels: Level) -> Ways:
    """What the expert does in each."""
    return _played(world, levels, None)


def wandered(world: Toys, levels: Level, key: Key) -> Ways:
    """What chance does in each, to the horizon."""
    return _played(world, levels, key)


def shown(ways: Ways) -> Codes:
    """(episodes, FRAMES_SHOWN, cells): first, middle and last frame of each."""
    at = np.stack([np.zeros_like(ways.length), ways.length // 2, ways.length], -1)
    return ways.codes[at, np.arange(len(ways.length))[:, None]]


def _played(world: Toys, levels: Level, key: Key | None) -> Ways:
    states, _ = jax.vmap(world.reset_to_level, (None, 0))(jax.random.key(0), levels)

    def step(states: State, turn: jax.Array) -> tuple[State, tuple[jax.Array, ...]]:
        met = jax.vmap(world.met)(states)
        if key is None:
            action = jax.vmap(partial(expert.act, world))(states)
        else:
            action = jax.random.randint(jax.random.fold_in(key, turn), met.shape, 0, world.actions)
        after = jax.vmap(partial(world.step, jax.random.key(0)))(states, action).state
        if key is None:  # a way that has come to its end stands still
            after = jax.tree.map(
                lambda old, new: jnp.where(met.reshape(-1, *[1] * (new.ndim - 1)), old, new), states, after
            )
        return after, (jax.vmap(partial(rooms.codes_of, side=world.side))(after), action, met)

    first = jax.jit(jax.vmap(partial(rooms.codes_of, side=world.side)))(states)
    _, (codes, action, met) = jax.jit(partial(jax.lax.scan, step))(states, jnp.arange(world.horizon))
    length = np.asarray((~met).sum(0) if key is None else jnp.full(met.shape[1], world.horizon), np.int64)
    whole = np.concatenate([np.asarray(first)[None], np.asarray(codes)]).astype(np.int64)
    return Ways(whole, np.asarray(action, np.int64), length)


def _pairs(ways: Ways, said: Codes | None, ahead: Codes | None = None) -> Pairs:
    """All pairs of ways, and one more of each in which it stands still once it is over. ahead: frames to be put before
    those of a way, (episodes, frames, cells)."""
    steps, episodes = ways.action.shape
    time, which = np.arange(steps)[:, None], np.arange(episodes)
    last = ways.length[which]
    kept = np.argwhere(((time < last) | (time == last)).T)  # episode by episode
    which, time = kept.T
    codes = np.stack([ways.codes[time, which], ways.codes[time + 1, which]], 1)
    if ahead is not None:
        codes = np.concatenate([ahead[which], codes], 1)
    action = np.where(time < ways.length[which], ways.action[time, which], NO_ACTION)
    words = np.zeros((len(which), rooms.words().length), np.int64) if said is None else said[which]
    return Pairs(words, codes, action)
