"""A right answer that can recognise itself in what a model wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Reading:
    """What a reply came down to."""

    said: str | None
    """The final answer as it was written; None where none could be read."""
    right: bool


class Answer(Protocol):
    """The right answer to a problem."""

    @property
    def text(self) -> str:
        """As a person would write it."""
        ...

    def read(self, reply: str, question: str) -> Reading:
        """The final answer in a reply to a question: see `commitment` for the rule."""
        ...

    def count(self, text: str) -> int:
        """How often a text mentions the answer: a wording that does so more often than the question gives it away."""
        ...


_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am) (?:sorry|unable|not able)|i (?:can(?:'t|not)|won't|will not) (?:help|answer|assist|do|provide)"
    r"|as an ai|i(?:'m| am) (?:just )?an? (?:ai|language model)|lo siento|je suis désolé|es tut mir leid)\b",
    re.IGNORECASE,
)


def refuses(reply: str) -> bool:
    """Whether a reply declines; looked at only where no answer could be read."""
    return _REFUSAL.search(reply.replace("’", "'")) is not None
