"""The data set of a round: repairs without doubles and without anything held out, mixed with ordinary conversation.

What is dropped is counted by reason. The files are JSON lines of `wunderkammer.jobs.finetune.lessons.Example`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from pydantic import Field

from wunderkammer.agents.teacher import ORDINARY
from wunderkammer.core.abilities import Lesson
from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError

GRAM = 5
"""Words and signs in a row that are compared."""
_TOKEN = re.compile(r"\w+|[^\w\s]")
"""A sign counts: 2 + 3 is not 2 * 3."""

Drop = str
"""Why a lesson is left out; the keys of `Counts.dropped`."""

DROPS: Mapping[Drop, str] = {
    "without an answer": "nobody had a right or safe answer",
    "faults": "a server's fault stood in the way",
    "without a rejected answer": "a preference needs what the target said instead",
    "double": "the same words were there already",
    "near double": "almost the same words were there already",
    "held out": "the same words are in a held-out archive or in the examination",
    "near held out": "almost the same words are held out",
    "same problem held out": "the same problem is held out in other words",
    "over the limit": "more than the plan allows",
}


class Taken(Frozen):
    """A lesson that stays, and the archive that it came from."""

    lesson: Lesson
    archive: str


class Counts(Frozen):
    """What became of everything that could have been learnt."""

    failures: int = 0
    """Failing candidates that lessons were asked for."""
    offered: int = 0
    """Lessons that came of them."""
    repairs: int = 0
    """Lessons that stayed."""
    ordinary: int = 0
    """Ordinary conversations beside them."""
    watched: int = 0
    """Lessons of held-out archives on which the trainer watched its loss; nothing is learnt from them."""
    cells: int = 0
    """Cells that the repairs come from."""
    by_archive: dict[str, int] = Field(default_factory=dict)
    dropped: dict[Drop, int] = Field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.repairs + self.ordinary


@dataclass(frozen=True)
class Text:
    """A text in the forms in which two are compared."""

    plain: str
    """Words and signs, folded, with one space between."""
    grams: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, words: str) -> Text:
        found = _TOKEN.findall(normal(words))
        size = min(GRAM, len(found))
        grams = frozenset(tuple(found[at : at + size]) for at in range(len(found) - size + 1)) if size else frozenset()
        return cls(" ".join(found), grams)

    def near(self, other: Text, limit: float) -> bool:
        """Whether so large a share of the shorter one's n-grams is in the other; texts of few words must be equal."""
        fewer = min(len(self.grams), len(other.grams))
        if fewer < 2:
            return self.plain == other.plain
        return len(self.grams & other.grams) >= limit * fewer


class Shelf:
    """Texts that others are compared with."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._plain: set[str] = set()
        self._texts: list[Text] = []
        self._by_gram: dict[tuple[str, ...], list[int]] = defaultdict(list)

    def add(self, text: Text) -> None:
        if text.plain in self._plain:
            return
        self._plain.add(text.plain)
        for gram in text.grams:
            self._by_gram[gram].append(len(self._texts))
        self._texts.append(text)

    def has(self, text: Text) -> bool:
        """The same words, whatever their case, signs and spaces."""
        return text.plain in self._plain

    def near(self, text: Text) -> bool:
        """Almost the same words; see `Text.near`."""
        others = {place for gram in text.grams for place in self._by_gram.get(gram, ())}
        return any(text.near(self._texts[place], self._limit) for place in others)


def normal(text: str) -> str:
    """A text with case, accents' encoding, and kinds of space taken out of account. Digits stay what they are."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class Sieve:
    """Lets a lesson through unless it is held out or was there before.

    Where code can tell which problem a lesson is about, that decides: frames around two problems may be alike to a
    number. Elsewhere so large an overlap of words is the same thing again.

    held_out: (words, canonical words of the problem or empty) of everything that must not be learnt.
    """

    def __init__(self, held_out: Iterable[tuple[str, str]], overlap: float) -> None:
        self._held = Shelf(overlap)
        self._seen: dict[str, Shelf] = defaultdict(lambda: Shelf(overlap))
        self._problems: set[str] = set()
        for words, about in held_out:
            self._held.add(Text.of(words))
            if about:
                self._problems.add(normal(about))

    def refuses(self, lesson: Lesson) -> Drop | None:
        """Why a lesson is left out; None for one that stays, and that later ones are compared with."""
        text, about = Text.of(lesson.messages[-1].content), normal(lesson.about)
        if self._held.has(text):
            return "held out"
        if about in self._problems:
            return "same problem held out"
        if not about and self._held.near(text):
            return "near held out"
        seen = self._seen[about]
        if seen.has(text):
            return "double"
        if seen.near(text):
            return "near double"
        seen.add(text)
        return None


def sift(
    offered: Sequence[Taken], sieve: Sieve, *, most: int, pairs: bool, rng: Random
) -> tuple[list[Taken], dict[Drop, int]]:
    """The lessons that stay, at most so many, evenly over the cells; and how many were left out for which reason.

    pairs: only those that say what was rejected.
    """
    dropped: dict[Drop, int] = defaultdict(int)
    stay: list[Taken] = []
    for one in offered:
        why = "without a rejected answer" if pairs and one.lesson.rejected is None else sieve.refuses(one.lesson)
        if why is None:
            stay.append(one)
        else:
            dropped[why] += 1
    if len(stay) > most:
        dropped["over the limit"] = len(stay) - most
        stay = list(_evenly(stay, rng))[:most]
    return stay, dict(dropped)


def _evenly(lessons: Sequence[Taken], rng: Random) -> Iterator[Taken]:
    """One of each cell in turn, those that repair an archive's own candidates before their kin."""
    cells: dict[Any, list[Taken]] = defaultdict(list)
    for one in lessons:
        cells[one.lesson.cell].append(one)
    stacks = list(cells.values())
    rng.shuffle(stacks)
    while stacks:
        for stack in stacks:
            yield stack.pop(0)
        stacks = [stack for stack in stacks if stack]


def mix(repairs: Sequence[Taken], ordinary: Sequence[Lesson], rng: Random) -> list[Taken]:
    """Both together, in an order drawn from `rng`."""
    found = [*repairs, *(Taken(lesson=lesson, archive=lesson.source) for lesson in ordinary)]
    rng.shuffle(found)
    return found


def ordinary_share(repairs: int, share: float) -> int:
    """How many ordinary conversations make up this share of the whole."""
    return round(repairs * share / (1 - share)) if share else 0


def check(repairs: Sequence[Taken], counts: Counts) -> None:
    """Raise a `ConfigError` of one line where there is nothing to learn from, or nothing but one answer."""
    if not repairs:
        why = ", ".join(f"{number} {drop}" for drop, number in counts.dropped.items() if number)
        raise ConfigError(
            f"the data set is empty: {counts.failures} failures gave {counts.offered} lessons, and none stayed"
            + (f" ({why})" if why else "")
            + "; search longer, or give more archives"
        )
    answers = {one.lesson.chosen for one in repairs}
    if len(repairs) > 1 and len(answers) == 1:
        raise ConfigError(
            f"the data set has one answer alone ({next(iter(answers))[:60]!r}, {len(repairs)} times): "
            "a target would learn to say nothing else; give more archives"
        )


def watched(lessons: Iterable[Taken], learnt: Sequence[Taken], *, most: int, pairs: bool, rng: Random) -> list[Taken]:
    """Lessons of held-out archives on which the trainer watches its loss: none that is learnt, by words or source."""
    words = {_bare(one.lesson) for one in learnt}
    sources = {one.lesson.source for one in learnt}
    found: dict[str, Taken] = {}
    for one in lessons:
        apart = _bare(one.lesson) not in words and one.lesson.source not in sources
        if apart and (one.lesson.rejected is not None or not pairs):
            found.setdefault(_bare(one.lesson), one)
    return rng.sample(list(found.values()), min(most, len(found)))


def _bare(lesson: Lesson) -> str:
    """All that the user said, without signs: as the trainer compares what it learns with what it watches."""
    said = "\n".join(message.content for message in lesson.messages if message.role == "user")
    return " ".join(re.findall(r"\w+", normal(said)))


def written(lessons: Sequence[Taken]) -> bytes:
    """The file: one lesson a line, with the archive that it came from and whether it repairs anything."""
    return "".join(_line(one) + "\n" for one in lessons).encode()


def _line(one: Taken) -> str:
    kind = "chat" if one.lesson.source == ORDINARY else "repair"
    return json.dumps({**one.lesson.model_dump(mode="json"), "group": one.archive, "kind": kind}, ensure_ascii=False)
