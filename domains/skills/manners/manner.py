"""A way of asking: how code words a problem in it, and how code recognises it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from random import Random
from typing import ClassVar, Literal

from wunderkammer.domains.skills.lexicon import FOREIGN, Language
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.statement import fault

MannerName = Literal[
    "formal",
    "slang",
    "misspelt",
    "story",
    "distractors",
    "another language",
    "code",
    "terse",
    "verbose",
    "adversarial prefix",
]

_TRIES = 12


class Manner(ABC):
    """One value of the archive's second axis. Stateless."""

    name: ClassVar[MannerName]
    about: ClassVar[str]
    """What the mutator is told to do; completes "Rewrite this question …"."""
    distracts: ClassVar[bool] = False
    """Whether numbers that do not matter belong to it."""

    @abstractmethod
    def grammar(self, problem: Problem, rng: Random, languages: Sequence[Language]) -> str:
        """A wording of the problem; the same generator state gives the same words. May collide with the problem."""

    @abstractmethod
    def shows(self, text: str, problem: Problem) -> bool:
        """Whether a text bears the marks of this manner; no judgement of its quality."""

    def word(self, problem: Problem, rng: Random, languages: Sequence[Language] = FOREIGN) -> str | None:
        """A wording of the problem by code; None where frames keep colliding with what the problem is about."""
        drawn = (self.grammar(problem, rng, languages) for _ in range(_TRIES))
        return next((wording for wording in drawn if self.fault(problem, wording) is None), None)

    def fault(self, problem: Problem, wording: str) -> str | None:
        """Why a wording is not this problem in this manner; None where it is."""
        wrong = fault(problem.statement, wording, distracted=self.distracts)
        return wrong or (None if self.shows(wording, problem) else f"does not read as {self.name}")


def framed(problem: Problem, rng: Random, before: Sequence[str], after: Sequence[str]) -> str:
    """A plain phrasing between an opening and a closing, either of which may be empty."""
    core = rng.choice(problem.phrasings("en"))
    return " ".join(part for part in (rng.choice(before), core, rng.choice(after)) if part)


def words_of(text: str) -> int:
    """Length of a text in words."""
    return len(text.split())
