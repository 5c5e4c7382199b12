"""One of a few things that can be named: a person, a weekday, a direction, yes or no."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from wunderkammer.domains.skills.replies.answer import Reading
from wunderkammer.domains.skills.replies.commitment import Spot, claim

_AT_A_LOSS = r"(?!\s+(?:idea|clue|answer|way|information)\b)"
"""What turns the word `no` into the words of somebody who does not know."""


@dataclass(frozen=True)
class Choice:
    """`value` is one of `options`, each of which may go by several names (languages, abbreviations)."""

    value: str
    options: tuple[tuple[str, ...], ...]
    """Names per option; `value` is the first name of one of them."""
    inside: bool = False
    """Whether the answer is one of the question's own words, which are claims then and not repetitions."""
    silent: bool = False
    """Whether a mention in passing is no hint, as with the words yes and no."""

    @property
    def text(self) -> str:
        return self.value

    def read(self, reply: str, question: str) -> Reading:
        asked = frozenset[Hashable]() if self.inside else frozenset(s.value for s in self._find(question))
        found = claim(reply, self._find, asked)
        return Reading(found.said if found else None, found is not None and found.value == self.value)

    def count(self, text: str) -> int:
        return 0 if self.silent else sum(s.value == self.value for s in self._find(text))

    def _find(self, text: str) -> Sequence[Spot]:
        return [Spot(m.start(), m.end(), self._named[m.group().lower()]) for m in self._pattern.finditer(text)]

    @cached_property
    def _named(self) -> Mapping[str, str]:
        return {name.lower(): names[0] for names in self.options for name in names}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._named, key=len, reverse=True)
        named = "|".join(map(re.escape, longest_first))
        return re.compile(rf"(?<!\w)(?:{named})(?!\w){_AT_A_LOSS if self.silent else ''}", re.IGNORECASE)
