"""Sources by name: the games that we know, or a folder of video files."""

from __future__ import annotations

from pathlib import Path

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.film.console import ATARI, PROCGEN
from wunderkammer.worlds.film.making import Source
from wunderkammer.worlds.film.recording import GAMES, GameFilm
from wunderkammer.worlds.film.videos import VideoFolder

FRAMES = 65_536


def foreign(name: str) -> bool:
    """Whether a game runs in the environment `procgen`, with a Python of its own."""
    return name in (*PROCGEN, *ATARI)


def source_of(
    name: str,
    side: int,
    *,
    frames: int = FRAMES,
    seed: int = 0,
    fps: float = 10.0,
    python: Path = Path(),
    first_level: int = 0,
    levels: int = 2000,
) -> Source:
    """The source of a name: one of `GAMES`, else the folder that it is.

    frames, seed, first_level, levels: of games. fps: of videos. python: see `GameFilm`.
    """
    if name in GAMES:
        return GameFilm(name, frames, side, seed, python, first_level, levels)
    if not Path(name).exists():
        raise ConfigError(f"{name!r} is neither a folder of videos nor one of {', '.join(GAMES)}")
    return VideoFolder(Path(name), side, fps)
