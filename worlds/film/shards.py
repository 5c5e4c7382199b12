"""Shards: files of frames, each with its hash, and the manifest that says what is in them.

A folder of film holds `manifest.json` and, for each shard, NAME.frames.npy, uint8 (frames, side, side, 3), and, where
the source knows them, NAME.labels.npy, one `LABEL` a frame. No reader of frames opens labels, so that what learns from
unlabelled video cannot see them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id
from wunderkammer.core.whole import drafted
from wunderkammer.worlds.film.games import Frames

MANIFEST = "manifest.json"
FORMAT = 1
LABEL = np.dtype([("action", "<i2"), ("reward", "<f4")])
"""The action that was taken at a frame, and what it earned."""
SHORTEST = 16
"""Frames of the shortest stretch that is kept."""
Split = Literal["train", "validation", "test"]
_TRAIN, _VALIDATION = 80, 90


class Episode(Frozen):
    """A stretch of frames that follow one another."""

    start: int = Field(ge=0)
    length: int = Field(ge=1)
    level: str
    """Of a game: the seed of its level. Of a folder: the video's name."""
    split: Split


class Shard(Frozen):
    """One file of frames."""

    name: str = Field(pattern=r"[\w-]+")
    frames: int = Field(ge=1)
    sha256: str
    labels_sha256: str | None = None
    episodes: tuple[Episode, ...]


class Skipped(Frozen):
    """What was left out."""

    broken: int = 0
    """Videos that could not be decoded at all."""
    cut: int = 0
    """Videos that broke off; what came before was kept."""
    short: int = 0
    """Videos or episodes of fewer frames than `SHORTEST`."""

    def __add__(self, other: Skipped) -> Skipped:
        return Skipped(broken=self.broken + other.broken, cut=self.cut + other.cut, short=self.short + other.short)


class Manifest(Frozen):
    """A whole data set."""

    format: Literal[1] = 1
    source: str
    recipe: str
    """Hash of all that decides what is in the shards."""
    side: int
    """Pixels of a frame's side."""
    fps: float
    actions: int | None = None
    """How many true actions there are, where they are known."""
    shards: tuple[Shard, ...]
    skipped: Skipped = Skipped()

    @property
    def frames(self) -> int:
        return sum(shard.frames for shard in self.shards)


def split_of(level: object) -> Split:
    """Where a level belongs, by its name alone: 80, 10 and 10 of 100, the same in every data set."""
    at = int(content_id("film", str(level)), 16) % 100
    return "train" if at < _TRAIN else "validation" if at < _VALIDATION else "test"


def splits_of(levels: Sequence[str]) -> dict[str, Split]:
    """The same for levels that are few and all known: in the order of their hashes, at least one of three for each."""
    ordered = sorted(set(levels), key=lambda level: content_id("film", level))
    held = max(1, len(ordered) // 10) if len(ordered) >= 3 else 0
    of: dict[str, Split] = dict.fromkeys(ordered, "train")
    of |= dict.fromkeys(ordered[:held], "test")
    return of | dict.fromkeys(ordered[held : 2 * held], "validation")


class Reel:
    """Writes stretches of frames one after another into shards of at most `capacity` frames.

    name: of the unit of work; shards are called NAME-000, NAME-001, … A shard that was written before is written again,
    with the same content.
    """

    def __init__(self, folder: Path, name: str, side: int, capacity: int, *, labelled: bool) -> None:
        self._folder, self._name, self._capacity = folder, name, capacity
        self._frames = np.empty((capacity, side, side, 3), np.uint8)
        self._labels = np.empty(capacity, LABEL) if labelled else None
        self._filled = 0
        self._episodes: list[Episode] = []
        self.shards: list[Shard] = []
        self.short = 0

    def add(self, frames: Frames, level: str, split: Split, labels: NDArray[np.void] | None = None) -> None:
        """Append a stretch; what is too short to be of use is counted, not kept."""
        if len(frames) < SHORTEST:
            self.short += 1
        while len(frames) >= SHORTEST:
            room = self._capacity - self._filled
            if room < SHORTEST:
                self.cut()
                continue
            taken = min(len(frames), room)
            part = slice(self._filled, self._filled + taken)
            self._frames[part] = frames[:taken]
            if self._labels is not None:
                if labels is None:
                    raise ValueError("this reel keeps labels, and was given none")
                self._labels[part], labels = labels[:taken], labels[taken:]
            self._episodes.append(Episode(start=self._filled, length=taken, level=level, split=split))
            self._filled += taken
            frames = frames[taken:]

    def cut(self) -> None:
        """Write what is there as a shard."""
        if not self._filled:
            return
        name = f"{self._name}-{len(self.shards):03d}"
        sums = [_save(self._folder / f"{name}.frames.npy", self._frames[: self._filled]), None]
        if self._labels is not None:
            sums[1] = _save(self._folder / f"{name}.labels.npy", self._labels[: self._filled])
        self.shards.append(
            Shard(
                name=name,
                frames=self._filled,
                sha256=str(sums[0]),
                labels_sha256=sums[1],
                episodes=tuple(self._episodes),
            )
        )
        self._filled, self._episodes = 0, []


def sha256(file: Path) -> str:
    """Of a file's bytes, read in pieces."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _save(file: Path, array: NDArray[np.generic]) -> str:
    """Write an array whole or not at all; the hash of the file."""
    with drafted(file) as draft:
        with draft.open("wb") as out:
            np.save(out, array, allow_pickle=False)
        return sha256(draft)
