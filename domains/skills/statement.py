"""Whether a wording states a given problem: the same numbers and entities in a known order, the same thing asked.

A wording that contains a known phrasing of the problem, word for word, needs only harmless surroundings. Any other
must show the same sequence of numbers and entities as some known phrasing, name every sense that is asked for, none
of its contrasts, and no negation, further number or tampering word that the known phrasings lack. Neither may mention
the answer more often than the plain question does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache

from wunderkammer.domains.skills.lexicon import CONTRASTS, NEGATIONS, SENSES, TAMPERING
from wunderkammer.domains.skills.replies import Answer
from wunderkammer.domains.skills.replies.commitment import Spot
from wunderkammer.domains.skills.replies.numbers import SPELT_OUT, numerals

LONGEST = 1500
"""Characters of a wording."""
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+")
_QUOTED = re.compile(r'"([^"]*)"')
_ALIKE = 0.74
"""Ratio of matching letters above which a word is the other one misspelt: one slip in four letters."""


@dataclass(frozen=True)
class Entity:
    """Something that the problem is about, in all the forms in which it may be written."""

    name: str
    forms: tuple[str, ...]
    infix: bool = False
    """Whether it counts only between two numbers, like an operator."""


class Marker:
    """Finds the numbers and entities of a folded text."""

    def __init__(self, entities: Sequence[Entity]) -> None:
        self._named = {fold(f): e.name for e in reversed(entities) for f in e.forms}
        self._infix = _any_of([fold(f) for e in entities if e.infix for f in e.forms], r"(?<=\d)\s*", r"\s*(?=[-(]?\d)")
        self._words = _any_of([fold(f) for e in entities if not e.infix for f in e.forms], r"(?<!\w)", r"(?!\w)")

    def marks(self, text: str) -> tuple[str, ...]:
        """In the order in which they are mentioned; where two overlap, the earlier, then the longer one."""
        spots = [Spot(s.start, s.end, f"#{s.value}") for s in numerals(text)]
        for pattern in (self._infix, self._words):
            spots += [Spot(m.start(), m.end(), self._named[m[1]]) for m in (pattern.finditer(text) if pattern else ())]
        return tuple(str(s.value) for s in _apart(spots))


@dataclass(frozen=True)
class Statement:
    """A problem as `fault` sees it."""

    known: tuple[str, ...]
    """Every phrasing in whole sentences that code would use."""
    terse: tuple[str, ...]
    """Those in a few words; they end where another problem might go on, so no numbers may stand around them."""
    entities: tuple[Entity, ...]
    senses: tuple[str, ...]
    answer: Answer
    strangers: tuple[str, ...] = ()
    """Words that would be further entities if a rewording brought them in."""
    lists: tuple[str, ...] = ()
    """Enumerations of which one must stand in the wording as it is, with nothing more before or after it."""

    @cached_property
    def cores(self) -> tuple[str, ...]:
        """The known phrasings, folded, longest first."""
        return tuple(sorted({fold(k) for k in (*self.known, *self.terse)}, key=len, reverse=True))

    @cached_property
    def phrasings(self) -> tuple[str, ...]:
        """Those of the cores that are whole sentences."""
        return tuple(fold(k) for k in self.known)

    @cached_property
    def sequences(self) -> frozenset[tuple[str, ...]]:
        return frozenset(self.own.marks(k) for k in self.cores)

    @cached_property
    def quotes(self) -> frozenset[str]:
        return frozenset(q for k in self.cores for q in _QUOTED.findall(k))

    @cached_property
    def own(self) -> Marker:
        return Marker(self.entities)

    @cached_property
    def all(self) -> Marker:
        ours = {fold(f) for e in self.entities for f in e.forms}
        return Marker((*self.entities, *(Entity(w, (w,)) for w in self.strangers if fold(w) not in ours)))

    @cached_property
    def tokens(self) -> frozenset[str]:
        """The words of every plain question, and those of every entity's forms."""
        forms = (fold(f) for e in self.entities for f in e.forms)
        return frozenset(t for text in (*self.cores, *forms) for t in tokens(text))

    def contrary(self, sense: str) -> tuple[str, ...]:
        """Phrases that would turn a sense round, except those that a plain question has elsewhere."""
        against = (phrase for contrast in CONTRASTS.get(sense, ()) for phrase in SENSES[contrast])
        return tuple(a for a in against if not any(f" {a} " in f" {' '.join(tokens(k))} " for k in self.cores))

    @cached_property
    def told(self) -> int:
        """How often a plain question mentions the answer at most."""
        return max(self.answer.count(k) for k in (*self.known, *self.terse))


def fault(statement: Statement, wording: str, *, distracted: bool = False) -> str | None:
    """Why a wording does not state the problem, in a few words; None where it does.

    distracted: numbers outside the question are welcome, in sentences that share no entity with it.
    """
    text = fold(wording)
    if not text or len(text) > LONGEST:
        return "empty or too long"
    if statement.answer.count(wording) > statement.told:
        return "gives the answer away"
    first = None
    for core in statement.phrasings if distracted else statement.cores:
        if _within(core, text):
            before, _, after = text.partition(core)
            around = (*_SENTENCE.split(before), *_SENTENCE.split(after))
            marker = statement.own if core in statement.phrasings else statement.all
            found = _surroundings(statement, marker, around, distracted)
            if found is None:
                return None
            first = first or found
    found = _reworded(statement, text)
    return found and (first or found)


def fold(text: str) -> str:
    """Lower case, plain quotes, single spaces."""
    text = unicodedata.normalize("NFC", text).translate(str.maketrans("“”„«»‘’`−", '"""""\'\'\'-'))
    return re.sub(r"\s+", " ", text).strip().lower()


def tokens(text: str) -> list[str]:
    """The words of a folded text."""
    return _TOKEN.findall(text)


def saying(phrases: Iterable[str], words: Sequence[str]) -> float:
    """How well the best of some phrases is found among words, in [0, 1]: the likeness of its worst word."""
    return max((_found(phrase.split(), words) for phrase in phrases), default=0.0)


@lru_cache(maxsize=1 << 16)
def likeness(word: str, other: str) -> float:
    """1 for the same word, at least `_ALIKE` for one with a slip of the pen; short words are the same or not."""
    if word == other or min(len(word), len(other)) <= 3:
        return float(word == other)
    return SequenceMatcher(None, word, other).ratio()


def alike(word: str, other: str) -> bool:
    """Whether one is the other with a slip of the pen."""
    return likeness(word, other) >= _ALIKE


def _reworded(statement: Statement, text: str) -> str | None:
    words = tokens(text)
    fresh = set(words) - statement.tokens
    if statement.all.marks(text) not in statement.sequences:
        return "other numbers or entities"
    if not set(_QUOTED.findall(text)) <= statement.quotes or not _listed(statement.lists, text):
        return "other words in quotes or in the list"
    for sense in statement.senses:
        said = saying(SENSES[sense], words)
        if said < _ALIKE:
            return "asks for something else"
        if saying(statement.contrary(sense), words) >= max(said, _ALIKE):
            return "asks for the contrary"
    if fresh & SPELT_OUT or any(_tampers(statement, word) for word in fresh):
        return "adds to the problem"
    if text.count("?") > max(1, *(k.count("?") for k in statement.cores)):
        return "asks more than it should"
    return None


def _surroundings(statement: Statement, marker: Marker, sentences: Iterable[str], distracted: bool) -> str | None:
    for sentence in sentences:
        words = set(tokens(sentence))
        if "?" in sentence:
            return "asks more than it should"
        if (words & TAMPERING) - statement.tokens or words & SPELT_OUT:
            return "adds to the problem"
        found = marker.marks(sentence)
        if any(not m.startswith("#") for m in found):
            return "says more of the problem's entities"
        if found and not distracted:
            return "brings in other numbers"
    return None


def _tampers(statement: Statement, word: str) -> bool:
    """Whether a word adds a condition, misspelt or not, and is no misspelt word of the question."""
    if word in NEGATIONS or word in TAMPERING:
        return True
    return any(alike(word, t) for t in TAMPERING) and not any(alike(word, t) for t in statement.tokens)


def _within(core: str, text: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(core)}(?!\w)", text) is not None


def _any_of(forms: Sequence[str], before: str, after: str) -> re.Pattern[str] | None:
    longest_first = sorted(map(re.escape, forms), key=len, reverse=True)
    return re.compile(f"{before}({'|'.join(longest_first)}){after}") if forms else None


def _listed(lists: Sequence[str], text: str) -> bool:
    if not lists:
        return True
    alone = rf"(?<!,\s)(?:{'|'.join(re.escape(fold(one)) for one in lists)})(?!\w|\s*(?:,|\band\b|\bor\b)\s*\w)"
    return re.search(alone, text) is not None


def _apart(spots: Iterable[Spot]) -> list[Spot]:
    """Left to right without overlaps; the earlier, then the longer one stays."""
    kept: list[Spot] = []
    for spot in sorted(spots, key=lambda s: (s.start, -s.end)):
        if not kept or spot.start >= kept[-1].end:
            kept.append(spot)
    return kept


def _found(phrase: Sequence[str], words: Sequence[str]) -> float:
    width = len(phrase)
    windows = (words[i : i + width] for i in range(len(words) - width + 1))
    return max((min(map(likeness, window, phrase)) for window in windows), default=0.0)
