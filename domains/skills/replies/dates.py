"""Calendar days in free text, in the forms that people and models write them."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date

from wunderkammer.domains.skills.lexicon import MONTHS
from wunderkammer.domains.skills.replies.answer import Reading
from wunderkammer.domains.skills.replies.commitment import Spot, claim

_MONTH = {name.lower(): n for names in MONTHS.values() for n, name in enumerate(names, 1)}
_MONTH |= {name[:3].lower(): n for n, name in enumerate(MONTHS["en"], 1)}
_NAME = "|".join(sorted(map(re.escape, _MONTH), key=len, reverse=True))
_DAY = r"(\d{1,2})(?:st|nd|rd|th|er|º|\.)?"
_YEAR = r"(?:(?:\s*,\s*|\s+(?:de\s+)?)(\d{4}))?"
_FORMS = re.compile(
    rf"\b(?:(?P<iso>\d{{4}}-\d{{1,2}}-\d{{1,2}})|(?P<slashed>\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}})"
    rf"|{_DAY}\s+(?:of\s+|de\s+)?({_NAME})\b\.?{_YEAR}|({_NAME})\b\.?\s+(?:the\s+)?{_DAY}(?!\d){_YEAR})",
    re.IGNORECASE,
)

Stamp = tuple[int | None, int, int]
"""Year (None where it was not said), month, day."""


@dataclass(frozen=True)
class Day:
    """A calendar day. A reply without the year is taken at its word; of 3/4/2024 either reading will do."""

    value: date

    @property
    def text(self) -> str:
        return f"{self.value.day} {MONTHS['en'][self.value.month - 1]} {self.value.year}"

    def read(self, reply: str, question: str) -> Reading:
        asked = frozenset[Hashable](s.value for s in days(question))
        found = claim(_joined(reply), days, asked)
        return Reading(found.said if found else None, found is not None and self._is(found.value))

    def count(self, text: str) -> int:
        return sum(self._is(s.value) for s in days(text))

    def _is(self, stamps: Hashable) -> bool:
        return isinstance(stamps, frozenset) and any(
            (month, day) == (self.value.month, self.value.day) and year in (None, self.value.year)
            for year, month, day in stamps
        )


def days(text: str) -> list[Spot]:
    """Every calendar day in a text; the value is the set of its possible readings."""
    return [Spot(m.start(), m.end(), _stamps(m)) for m in _FORMS.finditer(text)]


def _stamps(found: re.Match[str]) -> frozenset[Stamp]:
    if found["iso"]:
        year, month, day = map(int, found["iso"].split("-"))
        return frozenset({(year, month, day)})
    if found["slashed"]:
        first, second, year = map(int, re.split(r"[/.]", found["slashed"]))
        return frozenset({(year, first, second), (year, second, first)})
    day_a, month_a, year_a, month_b, day_b, year_b = found.groups()[2:]
    said = year_a or year_b
    month_name, day_text = (month_a, day_a) if month_a else (month_b, day_b)
    return frozenset({(int(said) if said else None, _MONTH[month_name.lower()], int(day_text))})


def _joined(reply: str) -> str:
    """German writes "1. März": no sentence ends there."""
    return re.sub(rf"\b(\d{{1,2}})\.\s+(?={_NAME})", r"\1 ", reply, flags=re.IGNORECASE)
