"""Worlds that come with the package, by name, so that a newcomer plays at once."""

from __future__ import annotations

from pathlib import Path

from wunderkammer import worlds

FOLDER = Path(worlds.__file__).parent / "learned"


def names() -> list[str]:
    """All of them."""
    return sorted(found.parent.name for found in FOLDER.glob("*/settings.json"))


def located(world: Path) -> Path:
    """The folder of a world: the one that is named, or, where there is none, the shipped one of this name."""
    wanted = world.expanduser()
    return FOLDER / wanted if str(wanted) in names() and not wanted.exists() else wanted
