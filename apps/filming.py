"""Film for a name that a person types: a folder of film as it is, else made once and kept under the home folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import Settings
from wunderkammer.jobs.environments import python_of
from wunderkammer.worlds.film.console import ENVIRONMENT
from wunderkammer.worlds.film.film import Film
from wunderkammer.worlds.film.making import make
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
        python = python_of(settings, ENVIRONMENT) if foreign(videos) else Path()
        source = source_of(videos if foreign(videos) else str(place), side, frames=frames, python=python)
        name = f"{source.name}-{side}-{content_id('film', source.recipe(), side)[:8]}"
        place = settings.home.resolve() / FOLDER / name
        make(source, place, side, workers=workers, tell=tell)
    film = Film(place)
    film.require(side)
    return film
