"""Film for a name that a person types: a folder of film as it is, else made once and kept under the home folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import Settings
from wunderkammer.jobs.environments import python_of
from wunderkammer.worlds.film.console import ENVIRONMENT
from wunderkammer.worlds.film.film import Film
from wunderkammer.worlds.film.making import Source, make
from wunderkammer.worlds.film.recording import GAMES
from wunderkammer.worlds.film.shards import MANIFEST
from wunderkammer.worlds.film.sources import FRAMES, foreign, source_of

FOLDER = "film"


def film_of(
    settings: Settings,
    videos: str,
    side: int,
    *,
    frames: int = FRAMES,
    workers: int = 2,
    tell: Callable[[int, int], None] = lambda *_: None,
) -> Film:
    """The film of a folder of film, a folder of videos, or a game; made where it is not there yet.

    frames: of games. tell: hears how many parts are made, of how many.

    Raises:
        ConfigError: there is no such folder or game, nothing can be decoded, or frames are of another size.
    """
    place = Path(videos).expanduser()
    if not (place / MANIFEST).is_file():
        source = _source(settings, videos, side, frames)
        name = f"{source.name}-{side}-{content_id('film', source.recipe(), side)[:8]}"
        place = settings.home.resolve() / FOLDER / name
        make(source, place, side, workers=workers, tell=tell)
    film = Film(place)
    film.require(side)
    return film


def film_to(
    settings: Settings,
    videos: str,
    out: Path,
    side: int,
    *,
    frames: int = FRAMES,
    workers: int = 2,
    tell: Callable[[int, int], None] = lambda *_: None,
) -> Film:
    """The same into a folder that is named; what was begun there is finished. Raises as `film_of`."""
    make(_source(settings, videos, side, frames), out, side, workers=workers, tell=tell)
    return Film(out)


def _source(settings: Settings, videos: str, side: int, frames: int) -> Source:
    python = python_of(settings, ENVIRONMENT) if foreign(videos) else Path()
    name = videos if videos in GAMES else str(Path(videos).expanduser())
    return source_of(name, side, frames=frames, python=python)
