"""Mazes that a search found, as a file for others: the elites of a run of `maze-levels`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.core.settings import Settings
    from wunderkammer.domains.paired.showroom import Showroom
    from wunderkammer.worlds.maze.text import Plan


def found(run: str, settings: Settings) -> tuple[Showroom, Mapping[str, Any]] | None:
    """The elites of a run by their ids, and the world that they are levels of; None where it searched for none.

    run: the beginning of its id, or `latest`; `ConfigError` where there is no such run.
    """
    from wunderkammer.apps.gallery import Gallery
    from wunderkammer.apps.installation import reading
    from wunderkammer.domains.paired.showroom import showrooms

    with reading(settings) as ledger:
        candidates = [piece.entry.candidate for piece in Gallery(ledger).pieces(run)]
    for room in showrooms().values():
        levels = {one.id: level for one in candidates if (level := room.found(one.genome)) is not None}
        if levels:
            return room, levels
    return None


def elites(run: str, settings: Settings) -> Mapping[str, Plan]:
    """The elites of a run of `maze-levels` by their ids; `run`: the beginning of its id, or `latest`.

    Raises:
        ConfigError: there is no such run, or it found no mazes.
    """
    there = found(run, settings)
    if there is None or there[0].catalogue.one != "maze":
        raise ConfigError(f"{run} is no run that found mazes; `wunder run maze-levels` makes one")
    return there[1]


def kept(mazes: Mapping[str, Plan], settings: Settings) -> str:
    """Mazes by name as an artifact in the common text form; its name, which follows from them alone."""
    from wunderkammer.memory.artifacts import Artifacts
    from wunderkammer.worlds.maze import catalogue

    text = catalogue.compose(dict(sorted(mazes.items())))
    return Artifacts(settings.home / "artifacts").keep(text.encode("utf-8"), ".txt")
