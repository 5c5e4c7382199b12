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

PLAYED = 4
"""One page in so many of those without anything shown is of play."""
FRAMES_SHOWN = 3
"""Of a demonstration: its first, its middle and its last."""
TOLD = ("told", "told", "steps")
"""What the steps of a training teach, over and over: sentences and what they come to; what lies between."""
TOLD_AND_SHOWN = (*TOLD, "shown")
"""The same, and demonstrations and what they come to elsewhere."""


class Ways(NamedTuple):
    """Episodes, until all are over."""

    codes: Codes
    """(steps + 1, episodes, cells)."""
    action: NDArray[np.int64]
    """(steps, episodes)."""
    length: NDArray[np.int64]
    """Steps of each until it was over."""


def world_of(settings: VideoSettings) -> Toys:
    """The room."""
    return Toys(side=settings.room)


def known_levels(settings: VideoSettings) -> ToyLevels:
    """Rooms whose sentences may be learned from: no combination that is held out is in them."""
    told = combinations(held=False)
    return ToyLevels(world_of(settings), told, told, settings.kinds)


def new_levels(settings: VideoSettings) -> ToyLevels:
    """Rooms whose goal's first toy is one that nobody has named."""
    return ToyLevels(world_of(settings), combinations(held=True), combinations(held=False), settings.kinds)


class Source(NamedTuple):
    """Ways with what is said of them, and the pairs of frames in them."""

    ways: Ways
    said: Codes
    """(episodes, length); of play, (steps, episodes, length)."""
    which: NDArray[np.int64]
    """(pairs,): episode of each pair."""
    time: NDArray[np.int64]
    """(pairs,): of its first frame. A way stands still for one pair once it is over."""

    @classmethod
    def of(cls, ways: Ways, said: Codes) -> Source:
        which, time = np.nonzero((np.arange(len(ways.action))[:, None] <= ways.length).T)
        return cls(ways, said, which, time)

    def frame(self, rows: NDArray[np.int64], ahead: int = 0) -> Codes:
        """(rows, cells)."""
        return self.ways.codes[self.time[rows] + ahead, self.which[rows]]

    def last(self, rows: NDArray[np.int64]) -> Codes:
        """What those ways come to, (rows, cells)."""
        which = self.which[rows]
        return self.ways.codes[self.ways.length[which], which]


@dataclass(frozen=True)
class Film:
    """Pages of four kinds for one model, coarse to fine as UniPi's (Du et al. 2023, section 3.2).

    A sentence and a frame come to the frame in which the sentence is true. That one, shown, and a frame come to the
    next frame on the way. What the robot does, in words, and a frame come to the next one. A demonstration in another
    room, shown, and a frame come to the frame in which the same is true.
    """

    seed: int
    side: int
    told: Source
    played: Source
    demonstrations: Codes
    """(episodes, FRAMES_SHOWN, cells): the goals of `told` being reached elsewhere."""
    prompted: bool = False
    """Whether these are learned from."""

    @classmethod
    def of(cls, settings: VideoSettings) -> Film:
        """As many demonstrations and plays as the settings say."""
        world, key = world_of(settings), jax.random.fold_in(jax.random.key(settings.seed), 11)
        to_told, to_played, to_moved, to_chance = jax.random.split(key, 4)
        levels = sampled(known_levels(settings), to_told, settings.demonstrations)
        other = shown(demonstrated(world, moved(world, to_moved, levels)))
        seen = wandered(world, sampled(ToyLevels(world), to_played, settings.plays), to_chance)
        moves = rooms.words().all(rooms.MOVES)[seen.action]
        told = Source.of(demonstrated(world, levels), sentences(levels))
        return cls(settings.seed, world.side, told, Source.of(seen, moves), other, settings.prompted)

    @property
    def tiles(self) -> Tiles:
        return rooms.tiles()

    @property
    def words(self) -> Words:
        return rooms.words()

    def batch(self, turn: int, size: int) -> Tensor:
        """Pages of a step."""
        kinds = TOLD_AND_SHOWN if self.prompted else TOLD
        match kinds[turn % len(kinds)]:
            case "told":
                return self._spoken(turn, size)
            case "steps":
                rows = self._rows(self.told, turn, size // 2)
                codes = (self.told.last(rows), self.told.frame(rows), self.told.frame(rows, 1))
                said = self.words.all([rooms.SHOWN])
            case _:
                rows = self._rows(self.told, turn, size // 2)
                demonstration = self.demonstrations[self.told.which[rows]].swapaxes(0, 1)
                codes = (*demonstration, self.told.frame(rows), self.told.last(rows))
                said = self.words.all([rooms.SAME])
        return pages(said.repeat(len(rows), 0), np.stack(codes, 1))

    def labelled(self, turn: int, size: int) -> Tensor:
        """Frames with what led from one to the next, int64 (size, length + cells + cells + 1): sentence, frame, next
        frame, action; of demonstrations and of play, in the same proportion as the pages of sentences."""
        told, played = self._shares(turn, size)
        told = told[self.told.time[told] < self.told.ways.length[self.told.which[told]]]
        parts = [
            (self.told, self.told.said[self.told.which[told]], told),
            (self.played, self.played.said[self.played.time[played], self.played.which[played]], played),
        ]
        columns = [
            np.concatenate(
                [said, one.frame(rows), one.frame(rows, 1), one.ways.action[one.time[rows], one.which[rows]][:, None]],
                1,
            )
            for one, said, rows in parts
        ]
        return torch.from_numpy(np.concatenate(columns))

    def _spoken(self, turn: int, size: int) -> Tensor:
        told, played = self._shares(turn, size)
        said = (self.told.said[self.told.which[told]],
                self.played.said[self.played.time[played], self.played.which[played]])  # fmt: skip
        before, after = (
            (self.told.frame(told), self.played.frame(played)),
            (self.told.last(told), self.played.frame(played, 1)),
        )
        return pages(np.concatenate(said), np.stack([np.concatenate(before), np.concatenate(after)], 1))

    def _shares(self, turn: int, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs told, and pairs played, of a step."""
        played = size // PLAYED
        return self._rows(self.told, turn, size - played), self._rows(self.played, turn, played)

    def _rows(self, source: Source, turn: int, size: int) -> NDArray[np.int64]:
        dice = np.random.default_rng([self.seed, 17, turn])
        return dice.integers(len(source.which), size=max(1, size))


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
    # Of play no frame stands still: it is over with the last step.
    length = np.asarray((~met).sum(0) if key is None else jnp.full(met.shape[1], world.horizon - 1), np.int64)
    whole = np.concatenate([np.asarray(first)[None], np.asarray(codes)]).astype(np.int64)
    return Ways(whole, np.asarray(action, np.int64), length)
