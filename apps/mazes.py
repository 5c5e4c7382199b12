"""Mazes that a search found, as a file for others: the elites of a run of `maze-levels`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.core.settings import Settings
    from wunderkammer.worlds.maze.text import Plan


def elites(run: str, settings: Settings) -> Mapping[str, Plan]:
    """The elites of a run by their ids; `run`: the beginning of its id, or `latest`.

    Raises:
        ConfigError: there is no such run, or it found no mazes.
    """
    from wunderkammer.apps.gallery import Gallery
    from wunderkammer.apps.installation import reading
    from wunderkammer.domains.paired.maze_layout import MazeLayout

    with reading(settings) as ledger:
        pieces = [piece.entry.candidate for piece in Gallery(ledger).pieces(run)]
    found = {one.id: one.genome.plan for one in pieces if isinstance(one.genome, MazeLayout)}
    if not found:
        raise ConfigError(f"{run} is no run that found mazes; `wunder run maze-levels` makes one")
    return found


def kept(run: str, settings: Settings) -> str:
    """The elites of a run as an artifact in the common text form; its name, which follows from the mazes alone."""
    from wunderkammer.memory.artifacts import Artifacts
    from wunderkammer.worlds.maze import catalogue

    mazes = dict(sorted(elites(run, settings).items()))
    return Artifacts(settings.home / "artifacts").keep(catalogue.compose(mazes).encode("utf-8"), ".txt")
