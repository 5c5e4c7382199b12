"""A question whose answer code knows: what every skill's file defines, and how hard it is.

Difficulty is measured the same way for all skills: `work` counts the elementary steps of a careful person with pencil
and paper (one column of an addition, one pair of letters, one comparison, one premise), and

    difficulty = log2(work) / 7, clipped to [0, 1]

so that 0 takes one step (2 + 3, the larger of 3 and 9, the day after Monday), each doubling of the work adds a
seventh, and 1 takes 128 steps or more.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import cached_property
from random import Random
from typing import Literal, Self

from wunderkammer.core.contract import Frozen
from wunderkammer.domains.skills.lexicon import LANGUAGES, Language
from wunderkammer.domains.skills.replies import Answer
from wunderkammer.domains.skills.statement import Entity, Statement, fault

Skill = Literal[
    "arithmetic",
    "dates",
    "unit conversion",
    "counting letters",
    "sorting",
    "logic",
    "spatial steps",
    "string edits",
    "comparison",
    "sequences",
]
HARDEST = 7.0
"""log2 of the work at which the scale ends."""
_TRIES = 16


class Problem(Frozen, ABC):
    """Parameters of one question. Subclasses narrow `skill`, which tells them apart in stored genomes."""

    skill: Skill

    @property
    @abstractmethod
    def kind(self) -> str:
        """Which sort of question within the skill; worked examples are of the same kind."""

    @classmethod
    @abstractmethod
    def guess(cls, rng: Random, difficulty: float) -> Self:
        """Parameters that are roughly this difficult."""

    @abstractmethod
    def near(self, rng: Random) -> Self:
        """One small change of the parameters; may fall back on itself at the edge of what is allowed."""

    @abstractmethod
    def work(self) -> float:
        """Elementary steps to the answer, at least 1."""

    @abstractmethod
    def phrasings(self, language: Language) -> tuple[str, ...]:
        """The question in whole sentences, the plainest first."""

    @abstractmethod
    def terse(self) -> tuple[str, ...]:
        """The question in as few words as will do."""

    @abstractmethod
    def answer(self) -> Answer:
        """The right answer."""

    @abstractmethod
    def entities(self) -> tuple[Entity, ...]:
        """Names, quoted words, units, operators: what a rewording must keep, in one of their forms."""

    @abstractmethod
    def senses(self) -> tuple[str, ...]:
        """Keys of `lexicon.SENSES`: what a rewording must still ask for."""

    def strangers(self) -> tuple[str, ...]:
        """Words that would be further entities if a rewording brought them in."""
        return ()

    def lists(self) -> tuple[str, ...]:
        """Enumerations of which a rewording must keep one as it is."""
        return ()

    @property
    def difficulty(self) -> float:
        """In [0, 1]; see the module's formula."""
        return min(1.0, math.log2(max(1.0, self.work())) / HARDEST)

    def question(self) -> str:
        """The canonical wording."""
        return self.phrasings("en")[0]

    @classmethod
    def draw(cls, rng: Random, difficulty: float, kind: str | None = None) -> Self:
        """The closest of several guesses to a difficulty, of a kind where one is named and was found."""
        drawn = [cls.guess(rng, difficulty) for _ in range(_TRIES * (4 if kind else 1))]
        fitting = [p for p in drawn if p.kind == kind] or drawn
        return min(fitting, key=lambda p: abs(p.difficulty - difficulty))

    def changed(self, **changes: object) -> Self:
        """A copy with other parameters, validated."""
        return type(self).model_validate({**self.model_dump(), **changes})

    def step(self, rng: Random, *, harder: bool, limit: float = 1.0) -> Self:
        """A near problem that is harder or easier, within the limit; else a near one; else this one."""
        near = [p for p in (self.near(rng) for _ in range(_TRIES)) if p != self and p.difficulty <= limit]
        there = [p for p in near if (p.difficulty > self.difficulty) == harder and p.difficulty != self.difficulty]
        return next(iter(there or near), self)

    def same_problem(self, wording: str) -> bool:
        """Whether a wording states this problem, gives nothing away and changes nothing."""
        return fault(self.statement, wording) is None

    @cached_property
    def statement(self) -> Statement:
        """What is compared with a wording."""
        known = tuple(p for language in LANGUAGES for p in self.phrasings(language))
        return Statement(
            known=known,
            terse=self.terse(),
            entities=self.entities(),
            senses=self.senses(),
            answer=self.answer(),
            strangers=self.strangers(),
            lists=self.lists(),
        )
