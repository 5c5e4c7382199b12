"""Worlds whose levels have names: what `wunder worlds` lists, draws and plays, found by the world's name."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from wunderkammer.worlds.catalogue import Catalogue


class Asked(NamedTuple):
    """How an episode should be played; None: as is usual there."""

    player: str | None = None
    """Who plays: a name that the world knows, or the file that a training left."""
    noise: float | None = None
    """Share of random actions."""
    horizon: int | None = None
    """Steps, or frames, after which it is cut off."""
    seed: int = 0


class Drawn(NamedTuple):
    """A file, and what it shows."""

    data: bytes
    words: str


class Showroom(Protocol):
    """One world. Levels are those of its catalogue, in plain Python."""

    catalogue: Catalogue[Any]
    folder: str
    """Under HOME/worlds, where imported suites are kept."""
    columns: tuple[str, ...]
    """Which of `figures` a table shows."""
    shut: str
    """What is said of a level that cannot be finished."""

    def wrote(self, words: str) -> bool:
        """Whether a file looks as if its levels are of this world."""
        ...

    def figures(self, level: Any) -> dict[str, Any]:
        """What can be said of a level by name; `solvable` is one of them."""
        ...

    def draw(self, level: Any, suffix: str, asked: Asked) -> Drawn:
        """The level as `.svg` or `.png`, or an episode as `.gif`. The latter two need JAX."""
        ...

    def found(self, genome: Any) -> Any | None:
        """The level that a search found; None where the genome is of another domain."""
        ...


SHOWROOMS: Mapping[str, str] = {
    "maze": "wunderkammer.domains.paired.maze_showroom",
    "car": "wunderkammer.domains.paired.car_showroom",
}
"""Of each world the module whose `ROOM` it is."""


def showrooms() -> dict[str, Showroom]:
    """All of them by name."""
    return {name: import_module(module).ROOM for name, module in SHOWROOMS.items()}


def own(home: Path, room: Showroom) -> Path:
    """The folder of a world's imported suites."""
    return home / "worlds" / room.folder
