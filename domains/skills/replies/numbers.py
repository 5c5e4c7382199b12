"""Numbers in free text: digits with signs and separators, or spelt out."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from wunderkammer.domains.skills.replies.answer import Reading
from wunderkammer.domains.skills.replies.commitment import Spot, claim

_GROUPED = r"\d{1,3}(?:[,  ']\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?"
_SIGN = r"(?:(?<![\w.,)])(?<!\d\s)[-−]|(?<!\d\s)\b(?:minus|negative)\s+)?"
NUMERAL = re.compile(
    rf"(?<![\d.,])(?<![A-Za-z]){_SIGN}(?:(?:{_GROUPED})(?![\d]|[.,]\d)|\d+(?:[.,]\d+)?)", re.IGNORECASE
)

_SMALL = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun zehn",
}
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNITS = {word: n for line in _SMALL.values() for n, word in enumerate(line.split())}
_WORTH = {**_UNITS, **{w: 10 * n for n, w in enumerate(_TENS.split(), 2)}, "once": 1, "twice": 2, "thrice": 3}
_SPELT = re.compile(
    rf"(?<![\w-])(?:({'|'.join(_TENS.split())})[-\s]({'|'.join(_SMALL['en'].split()[1:10])})|({'|'.join(_WORTH)}))\b",
    re.IGNORECASE,
)
_COMMON = frozenset({"un", "one", "uno", "once", "null", "acht", "sept", "dos", "dix", "six"})
"""Words that are numbers in one language and something else, or a mere article, in another."""
SPELT_OUT = (frozenset(_WORTH) | {"hundred", "thousand", "million", "dozen"}) - _COMMON
"""Words that state a number and nothing else."""


def numerals(text: str) -> list[Spot]:
    """Every number that is written in digits."""
    return [Spot(m.start(), m.end(), _value(m.group())) for m in NUMERAL.finditer(text)]


def numbers(text: str) -> list[Spot]:
    """The numbers in digits, or, where there are none, those spelt out."""
    return numerals(text) or spelt(text)


def spelt(text: str) -> list[Spot]:
    """Every number that is spelt out, up to ninety-nine."""
    found = []
    for m in _SPELT.finditer(text):
        tens, unit, alone = (g.lower() if g else None for g in m.groups())
        worth = _WORTH[alone] if alone else _WORTH[str(tens)] + _WORTH[str(unit)]
        found.append(Spot(m.start(), m.end(), Decimal(worth)))
    return found


def plain(value: Decimal) -> str:
    """A number without exponent and trailing zeros."""
    return f"{value.normalize():f}"


def _value(numeral: str) -> Decimal:
    """A dot before exactly three final digits is a decimal point, a comma there separates thousands."""
    text = re.sub(r"minus|negative", "-", numeral, flags=re.IGNORECASE)
    text = re.sub(r"[\s  ']", "", text).replace("−", "-")
    if re.fullmatch(r"-?\d{1,3}(?:\.\d{3})+,\d+|-?\d{1,3}(?:\.\d{3}){2,}", text):
        return Decimal(text.replace(".", "").replace(",", "."))
    if re.fullmatch(r"-?\d+,\d+", text) and not re.fullmatch(r"-?\d{1,3},\d{3}", text):
        return Decimal(text.replace(",", "."))
    return Decimal(text.replace(",", ""))


@dataclass(frozen=True)
class Number:
    """A number; a unit after it is not looked at."""

    value: Decimal

    @property
    def text(self) -> str:
        return plain(self.value)

    def read(self, reply: str, question: str) -> Reading:
        asked = frozenset[Hashable](s.value for s in numerals(question))
        found = claim(reply, numbers, asked)
        return Reading(found.said if found else None, found is not None and self._is(found.said, found.value))

    def count(self, text: str) -> int:
        return sum(s.value == self.value for s in (*numerals(text), *_certain(spelt(text), text)))

    def _is(self, said: str, value: Hashable) -> bool:
        if value == self.value:
            return True
        return re.fullmatch(r"[-−]?\d{1,3}\.\d{3}", said) is not None and value == self.value / 1000


def _certain(spots: Sequence[Spot], text: str) -> list[Spot]:
    return [s for s in spots if text[s.start : s.end].lower() not in _COMMON]
