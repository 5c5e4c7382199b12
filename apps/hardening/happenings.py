"""What a hardening tells whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wunderkammer.core.events import Event
from wunderkammer.core.work import Standing


@dataclass(frozen=True)
class Begun:
    """A stage is at work."""

    round: int
    stage: str
    words: str = ""


@dataclass(frozen=True)
class Done:
    """A stage is in the ledger, now or since an earlier process."""

    round: int
    stage: str
    words: str
    before: bool = False
    """It was found done."""


@dataclass(frozen=True)
class Counted:
    """So many of so many questions are answered."""

    what: str
    done: int
    of: int


@dataclass(frozen=True)
class Worked:
    """A job has moved."""

    standing: Standing


@dataclass(frozen=True)
class Searched:
    """An event of a search that the hardening makes."""

    run: str
    event: Event


Happening = Begun | Done | Counted | Worked | Searched
Tell = Callable[[Happening], None]
