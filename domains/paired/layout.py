"""A level as a genome: a text, canonical whatever it was given as, and who made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

from pydantic import AfterValidator, Field

from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import content_id

P = TypeVar("P")
"""A level in plain Python."""


class Layout(Frozen):
    """A level that somebody proposed; what it is, its subclasses say in a text."""

    by: Literal["seed", "edits", "model", "teacher"] = "seed"
    """Who made it."""
    repaired: int = Field(0, ge=0)
    """How many faults of its proposer were mended."""


def canonical(read: Callable[[str], P], write: Callable[[P], str]) -> AfterValidator:
    """Of a field that is a level's text: what cannot be read is refused in the reader's words, and equal levels have
    equal texts."""

    def rewritten(words: str) -> str:
        try:
            return write(read(words))
        except ConfigError as fault:
            raise ValueError(str(fault)) from fault

    return AfterValidator(rewritten)


def seed_of(words: str) -> int:
    """What the episodes in a level are drawn from: its text alone, not the batch that it is played in."""
    return int(content_id(words), 16) % 2**32
