"""A folder of video files as a data set: any videos, no actions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.film.decoding import Broken, pictures
from wunderkammer.worlds.film.games import Frames
from wunderkammer.worlds.film.shards import SHORTEST, Reel, Skipped, Split, splits_of

AT_ONCE, BYTES = 64, 64 << 20
"""A unit ends at so many files or so many bytes, whichever comes first."""
_PIECE = 512
"""Frames of a video that are held in memory."""


@dataclass(frozen=True)
class VideoFolder:
    """All files under a folder, in the order of their names; hidden ones do not count."""

    folder: Path
    side: int
    fps: float = 10.0

    def __post_init__(self) -> None:
        if not 0 < self.fps <= 240:
            raise ConfigError(f"{self.fps:g} frames a second; take more than 0 and at most 240")
        if not self.folder.is_dir():
            raise ConfigError(f"{self.folder} is no folder of videos")
        if not self.files():
            raise ConfigError(f"{self.folder} is empty; put video files into it")

    @property
    def name(self) -> str:
        return "videos"

    @property
    def actions(self) -> int | None:
        return None

    def files(self) -> list[Path]:
        """Relative to the folder."""
        found = (file.relative_to(self.folder) for file in self.folder.rglob("*") if file.is_file())
        return sorted(file for file in found if not any(part.startswith(".") for part in file.parts))

    def recipe(self) -> object:
        """Which files, how large, at what pace."""
        sizes = [(file.as_posix(), (self.folder / file).stat().st_size) for file in self.files()]
        return {"files": sizes, "fps": self.fps}

    def units(self) -> Sequence[Videos]:
        """Files that follow one another, up to `AT_ONCE` of them or `BYTES` bytes."""
        files = self.files()
        splits = splits_of([file.as_posix() for file in files])
        groups: list[list[Path]] = [[]]
        weight = 0
        for file in files:
            size = (self.folder / file).stat().st_size
            if groups[-1] and (len(groups[-1]) >= AT_ONCE or weight + size > BYTES):
                groups.append([])
                weight = 0
            groups[-1].append(file)
            weight += size
        return [
            Videos(self, at, tuple((file, splits[file.as_posix()]) for file in group))
            for at, group in enumerate(groups)
        ]


@dataclass(frozen=True)
class Videos:
    """A unit: some of the files."""

    source: VideoFolder
    number: int
    files: tuple[tuple[Path, Split], ...]

    @property
    def name(self) -> str:
        return f"{self.number:05d}"

    def film(self, reel: Reel) -> Skipped:
        """Decode them one after another."""
        return sum((self._one(file, split, reel) for file, split in self.files), Skipped())

    def _one(self, file: Path, split: Split, reel: Reel) -> Skipped:
        kept = 0
        try:
            for piece in pieces(pictures(self.source.folder / file, self.source.side, self.source.fps)):
                reel.add(piece, file.as_posix(), split)
                kept += len(piece)
        except Broken:
            return Skipped(cut=1) if kept else Skipped(broken=1)
        return Skipped()


def pieces(frames: Iterator[Frames]) -> Iterator[Frames]:
    """Stretches of at most `_PIECE + SHORTEST` frames; none of a longer video is too short to be kept.

    Where the frames break off, what came before is given first.
    """
    held: list[Frames] = []
    try:
        for frame in frames:
            held.append(frame)
            if len(held) == _PIECE + SHORTEST:
                yield np.stack(held[:_PIECE])
                held = held[_PIECE:]
    except Broken:
        if len(held) >= SHORTEST:
            yield np.stack(held)
        raise
    if held:
        yield np.stack(held)
