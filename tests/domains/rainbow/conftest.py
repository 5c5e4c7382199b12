"""A lab without models: scripted replies, every prompt rendered as the real one would, every question kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from wunderkammer import prompts
from wunderkammer.core.contract import Candidate, Entry, Message, Outcome, Sampling, Verdict, Vote
from wunderkammer.core.wording import clean


@dataclass
class Asked:
    """One question that reached a model."""

    how: str
    role: str
    prompt: str
    values: dict[str, object]
    messages: tuple[Message, ...]
    sampling: Sampling | None = None


@dataclass
class FakeLab:
    """A `Lab` whose models are functions of what they were asked."""

    words: Callable[[Asked], str] = lambda asked: f"reply to {asked.prompt or asked.messages[-1].content}"
    belief: Callable[[Asked], float] = lambda _: 0.25
    votes: Callable[[Asked], tuple[Vote, ...]] = lambda _: ("challenger", "challenger", "challenger", "tie")
    filtered: bool = False
    hint: str = ""
    rng: Random = field(default_factory=lambda: Random(7))
    asked: list[Asked] = field(default_factory=list)

    def now(self) -> float:
        return 0.0

    async def complete(
        self, role: str, messages: Sequence[Message], *, samples: int = 1, sampling: Sampling | None = None
    ) -> tuple[str, ...]:
        question = Asked("complete", role, "", {}, tuple(messages), sampling)
        self.asked.append(question)
        return tuple(self.words(question) for _ in range(samples))

    async def say(
        self, role: str, prompt: str, values: Mapping[str, object], *, sampling: Sampling | None = None
    ) -> str:
        return self.words(self._ask("say", role, prompt, values))

    async def probability(self, role: str, prompt: str, values: Mapping[str, object]) -> float:
        return self.belief(self._ask("probability", role, prompt, values))

    async def rewrite(self, steps: Sequence[tuple[str, Mapping[str, object]]], parent: str) -> str | None:
        text = parent
        for prompt, values in steps:
            text = clean(self.words(self._ask("rewrite", "mutator", prompt, {"text": text, **values})))
        return None if self.filtered else text

    async def compare(self, prompt: str, values: Mapping[str, object], challenger: str, incumbent: str) -> Verdict:
        question = self._ask("compare", "judge", prompt, {**values, "a": challenger, "b": incumbent})
        return Verdict(votes=self.votes(question))

    def _ask(self, how: str, role: str, prompt: str, values: Mapping[str, object]) -> Asked:
        question = Asked(how, role, prompt, dict(values), prompts.load(prompt).render(values))
        self.asked.append(question)
        return question

    def of(self, how: str) -> list[Asked]:
        """The questions that were put in one way, in order."""
        return [question for question in self.asked if question.how == how]


@pytest.fixture
def new_lab() -> type[FakeLab]:
    return FakeLab


@pytest.fixture
def entry() -> Callable[..., Entry[Any]]:
    """An entry of a domain from a text, an aim and what is known of it."""

    def make(domain: Any, text: str, aim: tuple[str, ...] | None = None, **known: Any) -> Entry[Any]:
        candidate = Candidate[Any](domain=domain.name, genome=domain.genome(text=text), aim=aim)
        return Entry(candidate=candidate, outcome=Outcome(**{"score": None, "cell": aim, **known}))

    return make
