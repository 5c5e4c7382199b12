"""Several things in an order."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from wunderkammer.domains.skills.replies.answer import Reading
from wunderkammer.domains.skills.replies.commitment import Spot, clean, passages

_BETWEEN = re.compile(r"[\"'\s,;<>\[\](){}•*→.-]*(?:(?:and|then|y|et|und|=>)[\"'\s,]*)?", re.IGNORECASE)
_NUMBERING = re.compile(r"^\s*\d{1,2}[.)]\s+(?=\S)", re.MULTILINE)


@dataclass(frozen=True)
class Listing:
    """Items in their right order: the last run of two or more of them, with nothing but separators between, must be
    exactly this. After an announced answer it is the first such run."""

    items: tuple[Decimal, ...] | tuple[str, ...]

    @property
    def text(self) -> str:
        return ", ".join(str(i) for i in self.items)

    def read(self, reply: str, question: str) -> Reading:
        for passage in map(_unnumbered, passages(reply)):
            first = next(self._runs(passage), None)
            if first is not None:
                return self._reading(passage, first)
        text = _unnumbered(clean(reply))
        runs = list(self._runs(text))
        return self._reading(text, runs[-1]) if runs else Reading(None, False)

    def count(self, text: str) -> int:
        return sum(self._values(run) == self.items for run in self._runs(text))

    def _runs(self, text: str) -> Iterator[list[Spot]]:
        run: list[Spot] = []
        for spot in self._find(text):
            if run and not _BETWEEN.fullmatch(text, run[-1].end, spot.start):
                if len(run) > 1:
                    yield run
                run = []
            run.append(spot)
        if len(run) > 1:
            yield run

    def _find(self, text: str) -> Sequence[Spot]:
        if isinstance(self.items[0], Decimal):
            return _apart(text)
        names = "|".join(sorted((re.escape(str(i)) for i in self.items), key=len, reverse=True))
        return [
            Spot(m.start(), m.end(), m.group().lower()) for m in re.finditer(rf"(?<!\w)(?:{names})(?!\w)", text, re.I)
        ]

    @staticmethod
    def _values(run: Sequence[Spot]) -> tuple[Hashable, ...]:
        return tuple(s.value for s in run)

    def _reading(self, text: str, run: Sequence[Spot]) -> Reading:
        return Reading(text[run[0].start : run[-1].end], self._values(run) == self.items)


def _apart(text: str) -> list[Spot]:
    """Numbers of a list: a comma separates items, never thousands."""
    return [Spot(m.start(), m.end(), Decimal(m.group())) for m in re.finditer(r"(?<![\w.])-?\d+(?:\.\d+)?", text)]


def _unnumbered(text: str) -> str:
    """Without "1." and "2." at the starts of lines, where at least two lines have them."""
    return _NUMBERING.sub("", text) if len(_NUMBERING.findall(text)) > 1 else text
