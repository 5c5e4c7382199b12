"""A lab with a scripted target and a scripted mutator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

import pytest

from wunderkammer.core.contract import Message, Role, Sampling
from wunderkammer.domains.skills.domain import RainbowSkills
from wunderkammer.domains.skills.options import SkillOptions

Speaks = Callable[[str], str]


class ScriptedLab:
    """Implements as much of Lab as a domain of this kind may use; anything else is an error."""

    def __init__(self, *, target: Speaks = str, mutator: Speaks = str, arm: str = "code", seed: int = 0) -> None:
        self.rng = Random(seed)
        self.hint = ""
        self.target, self.mutator, self.arm = target, mutator, arm
        self.picked: list[tuple[str, ...]] = []
        self.asked: list[tuple[Message, ...]] = []
        self.sampling: Sampling | None = None
        self.rewritten: list[Mapping[str, object]] = []

    def now(self) -> float:
        return 0.0

    async def complete(
        self, role: Role, messages: Sequence[Message], *, samples: int = 1, sampling: Sampling | None = None
    ) -> tuple[str, ...]:
        assert role == "target"
        self.asked.append(tuple(messages))
        self.sampling = sampling
        return tuple(self.target(messages[-1].content) for _ in range(samples))

    async def rewrite(self, steps: Sequence[tuple[str, Mapping[str, object]]], parent: str) -> str | None:
        text = parent
        for _, values in steps:
            self.rewritten.append(values)
            text = self.mutator(text)
        return None if text == parent else text

    def pick(self, arms: Sequence[str]) -> str:
        self.picked.append(tuple(arms))
        return self.arm


@pytest.fixture
def lab() -> type[ScriptedLab]:
    """Makes a lab: `lab(target=…, mutator=…, arm=…, seed=…)`."""
    return ScriptedLab


@pytest.fixture
def domain() -> RainbowSkills:
    return RainbowSkills(SkillOptions())
