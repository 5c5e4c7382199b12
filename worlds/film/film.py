"""A folder of film, open for reading: clips by index, never the whole of it in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.film.games import Frames
from wunderkammer.worlds.film.shards import LABEL, MANIFEST, Manifest, Shard, Split, sha256


class Labelled(NamedTuple):
    """Clips with what a learner from video alone never sees."""

    frames: Frames
    """(clips, frames, side, side, 3)."""
    actions: NDArray[np.int64]
    """(clips, frames - 1): the true action between a frame and the next."""
    rewards: NDArray[np.float32]
    """(clips, frames - 1)."""
    levels: NDArray[np.str_]
    """(clips,)."""


class Film:
    """A data set on disk.

    Each shard's hash is looked at when it is first read; what is read is read from the file, so that memory holds one
    batch, whatever the size of the data set.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
        except OSError:
            raise ConfigError(f"{folder} holds no film: no {MANIFEST}; make it with: wunder genie data") from None
        except ValidationError as fault:
            raise ConfigError(f"{folder / MANIFEST}: not of this version: {fault.errors()[0]['msg']}") from None
        self._offsets: dict[str, int] = {}

    def require(self, side: int) -> None:
        """`ConfigError` where frames are of another size."""
        if self.manifest.side != side:
            raise ConfigError(
                f"{self.folder} has frames of {self.manifest.side} pixels, not {side}; make it with --size {side}"
            )

    def verify(self) -> None:
        """Look at the hash of every file now."""
        for shard in self.manifest.shards:
            self._open(f"{shard.name}.frames.npy", shard.sha256)
            if shard.labels_sha256:
                self._open(f"{shard.name}.labels.npy", shard.labels_sha256)

    def frames(self, shard: Shard, start: int, stop: int) -> Frames:
        """(stop - start, side, side, 3)."""
        side = self.manifest.side
        return self._read(f"{shard.name}.frames.npy", shard.sha256, np.dtype(np.uint8), (side, side, 3), start, stop)

    def labels(self, shard: Shard, start: int, stop: int) -> NDArray[np.void]:
        """(stop - start,) of `LABEL`; `ConfigError` where nobody knows what was done."""
        if shard.labels_sha256 is None:
            raise ConfigError(f"{self.folder} has no true actions: it was made of videos alone")
        return self._read(f"{shard.name}.labels.npy", shard.labels_sha256, LABEL, (), start, stop)

    def clips(self, split: Split = "train", *, every: int = 1, fair: bool = False) -> FilmClips:
        """What a learner is given. every: frames from one of a clip to the next. fair: see `FilmClips`."""
        return FilmClips(self, split, every, fair)

    def held_out(self, count: int, frames: int, *, split: Split = "test", every: int = 1, seed: int = 0) -> Labelled:
        """So many clips, always the same ones, spread over as many levels as there are; no two overlap.

        Where actions are unknown they are -1, and rewards 0.
        """
        rng = np.random.default_rng([seed, 0xF17])
        places = spread(self, split, frames, every, count, rng)
        shown = np.stack([self._clip(place, frames, every) for place in places])
        labels = [self._labels(place, frames, every) for place in places]
        actions = np.stack([one[0] for one in labels])
        rewards = np.stack([one[1] for one in labels])
        return Labelled(shown, actions, rewards, np.array([place.level for place in places]))

    def _clip(self, place: Place, frames: int, every: int) -> Frames:
        return self.frames(place.shard, place.start, place.start + (frames - 1) * every + 1)[::every]

    def _labels(self, place: Place, frames: int, every: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        if place.shard.labels_sha256 is None or every != 1:
            return np.full(frames - 1, -1, np.int64), np.zeros(frames - 1, np.float32)
        found = self.labels(place.shard, place.start, place.start + frames - 1)
        return found["action"].astype(np.int64), found["reward"].astype(np.float32)

    def _read(
        self, name: str, digest: str, kind: np.dtype[Any], shape: tuple[int, ...], start: int, stop: int
    ) -> NDArray[Any]:
        begin = self._open(name, digest)
        each = int(np.prod(shape, dtype=np.int64))
        found = np.fromfile(
            self.folder / name, kind, (stop - start) * each, offset=begin + start * each * kind.itemsize
        )
        return found.reshape(stop - start, *shape)

    def _open(self, name: str, digest: str) -> int:
        """Where a file's data begin; its hash is looked at the first time."""
        if name not in self._offsets:
            file = self.folder / name
            try:
                found = sha256(file)
                with file.open("rb") as opened:
                    np.lib.format.read_magic(opened)
                    np.lib.format.read_array_header_1_0(opened)
                    begin = opened.tell()
            except (OSError, ValueError) as fault:
                raise ConfigError(f"shard {name} of {self.folder} cannot be read: {fault}") from None
            if found != digest:
                raise ConfigError(
                    f"shard {name} of {self.folder} is damaged: its SHA-256 is not the manifest's; make it anew"
                )
            self._offsets[name] = begin
        return self._offsets[name]


class Place(NamedTuple):
    """Where a clip begins."""

    shard: Shard
    start: int
    level: str


@dataclass(frozen=True)
class FilmClips:
    """Clips of a split: all that a learner from unlabelled video sees.

    fair: an episode's first and last frames are shown about as often as those in its midst. Of all places where a clip
    of n frames can begin, one alone shows how the episode ends, and n show what lies n frames before: each clip that
    would begin too early or too late by less than its length is moved to where the episode begins or ends.
    """

    film: Film
    split: Split
    every: int = 1
    fair: bool = False

    @property
    def side(self) -> int:
        """Pixels of a frame's side."""
        return self.film.manifest.side

    def batches(self, seed: int, batch: int, frames: int, start: int = 0) -> Iterator[Frames]:
        """uint8 (batch, frames, side, side, 3) without end; the n-th batch follows from seed and n alone.

        start: the first n. A clip begins anywhere, uniformly, that leaves it within one episode; see `fair`.
        """
        span = (frames - 1) * self.every + 1
        stretches = _stretches(self.film, self.split, span)
        over = span - 1 if self.fair else 0
        ends = np.cumsum([episode[2] + 2 * over for episode in stretches])
        step = start
        while True:
            drawn = np.random.default_rng([seed, step]).integers(int(ends[-1]), size=batch)
            which = np.searchsorted(ends, drawn, side="right")
            clips = np.empty((batch, frames, self.side, self.side, 3), np.uint8)
            for at, (one, position) in enumerate(zip(which, drawn, strict=True)):
                shard, first, room, _ = stretches[one]
                begin = first + min(max(int(position - ends[one]) + room + over, 0), room - 1)
                clips[at] = self.film.frames(shard, begin, begin + span)[:: self.every]
            yield clips
            step += 1


def spread(film: Film, split: Split, frames: int, every: int, count: int, rng: np.random.Generator) -> list[Place]:
    """So many places of clips that do not overlap: one of each level in turn, levels in a random order."""
    span = (frames - 1) * every + 1
    of: dict[str, list[Place]] = {}
    for shard, start, room, level in _stretches(film, split, span):
        of.setdefault(level, []).extend(Place(shard, at, level) for at in range(start, start + room, span))
    for level in sorted(of):
        of[level] = [of[level][at] for at in rng.permutation(len(of[level]))]
    names, turns = sorted(of), range(max(map(len, of.values())))
    levels = [names[at] for at in rng.permutation(len(names))]
    found = [of[level][turn] for turn in turns for level in levels if turn < len(of[level])]
    if len(found) < count:
        raise ConfigError(
            f"{film.folder} has {len(found)} {split} clips of {frames} frames that do not overlap, not {count}"
        )
    return found[:count]


def _stretches(film: Film, split: Split, span: int) -> list[tuple[Shard, int, int, str]]:
    """(shard, first start, number of starts, level) of each episode that is long enough."""
    found = [
        (shard, one.start, one.length - span + 1, one.level)
        for shard in film.manifest.shards
        for one in shard.episodes
        if one.split == split and one.length >= span
    ]
    if not found:
        raise ConfigError(f"{film.folder} has no {split} clip of {span} frames: its episodes are shorter, or elsewhere")
    return found
