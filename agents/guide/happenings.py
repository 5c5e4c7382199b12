"""What happens while the guide answers, as it happens: for the terminal, for pages, for logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from wunderkammer.agents.guide.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of what it says."""

    piece: str


@dataclass(frozen=True, slots=True)
class Anew:
    """What it was saying is void: the server broke off, and it begins again."""


@dataclass(frozen=True, slots=True)
class Using:
    """It uses a tool. arguments: as JSON."""

    tool: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Used:
    """What the tool found."""

    tool: str
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class Failed:
    """A tool was asked for wrongly, was forbidden by the user, or could not do it."""

    tool: str
    why: str


Happening = Words | Anew | Using | Used | Failed
Tell = Callable[[Happening], None]


@dataclass(frozen=True, slots=True)
class Voice:
    """Hears a reply (`models.talk.Hears`) and tells of it."""

    tell: Tell

    def words(self, piece: str) -> None:
        self.tell(Words(piece))

    def anew(self) -> None:
        self.tell(Anew())
