"""The next number of a sequence."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Literal, Self

from pydantic import Field, model_validator

from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.replies import Number
from wunderkammer.domains.skills.statement import Entity
from wunderkammer.domains.skills.tasks.columns import adding, digits, multiplying, size

Rule = Literal["steps", "factors", "alternating", "growing", "sums"]
_RULES: tuple[Rule, ...] = ("steps", "factors", "alternating", "growing", "sums")
_INSIGHT: dict[Rule, int] = {"steps": 0, "factors": 1, "alternating": 4, "growing": 4, "sums": 5}
"""Steps to see the rule beyond a glance at one difference."""
_LARGEST = 10_000_000


class Sequences(Problem):
    """`shown` terms from `first` on. steps: + by; factors: × by; alternating: + by, + other, …; growing: + by, then
    each step `other` more; sums: each term the sum of the two before, beginning with `first` and `by`."""

    skill: Literal["sequences"] = "sequences"
    rule: Rule
    first: int = Field(ge=-9999, le=9999)
    by: int = Field(ge=-9999, le=9999)
    other: int = Field(0, ge=-99, le=99)
    shown: int = Field(ge=3, le=8)

    @model_validator(mode="after")
    def _says_its_rule(self) -> Self:
        if bool(self.other) != (self.rule in ("alternating", "growing")):
            raise ValueError("other: exactly for alternating and growing")
        if self.by == 0 or (self.rule == "factors" and (self.first < 1 or not 2 <= self.by <= 99)):
            raise ValueError("by: not 0; of factors 2 to 99, from 1 on")
        if self.rule == "sums" and (self.first < 1 or self.by < 1):
            raise ValueError("sums begin with two positive terms")
        if self.rule not in ("steps", "factors") and self.shown < 5:
            raise ValueError("shown: at least 5 terms to see this rule")
        if any(abs(t) > _LARGEST for t in self._terms()):
            raise ValueError("the terms grow beyond ten million: show fewer")
        return self

    @property
    def kind(self) -> str:
        return self.rule

    @classmethod
    def guess(cls, rng: Random, difficulty: float) -> Self:
        rule = rng.choice(_RULES if difficulty > 0.25 else _RULES[:2])
        width = size(rng.random(), 4, difficulty)
        sign = -1 if rng.random() < difficulty / 2 else 1
        first = rng.randrange(1, 10**width)
        by = sign * max(1, round(rng.random() * 10 ** (1 + 3 * difficulty * rng.random()) * (0.2 + difficulty)))
        if rule == "factors":
            first, by = rng.randrange(1, 10), rng.randrange(2, 3 + round(8 * difficulty))
        if rule == "sums":
            by = abs(by)
        other = rng.choice([n for n in range(-9, 10) if n not in (0, by)]) if rule in ("alternating", "growing") else 0
        shown = rng.randrange(3, 6) if rule in ("steps", "factors") else rng.randrange(5, 8)
        return cls(rule=rule, first=first, by=by, other=other, shown=shown)

    def near(self, rng: Random) -> Self:
        fields = ("first", "first", "by", "by", "shown", "other" if self.other else "by")
        field = rng.choice(fields)
        value = int(getattr(self, field))
        change = rng.choice((value + 1, value - 1, value * 2, value // 2, value * 10 + rng.randrange(10)))
        try:
            return self.changed(**{field: change})
        except ValueError:  # beyond the edge of what this rule allows
            return self

    def work(self) -> float:
        """Steps to see the rule, and the columns of the last step."""
        *_, last, after = self._terms()
        step = self.by if self.rule == "steps" else after - last
        columns = multiplying(last, self.by) if self.rule == "factors" else adding(last, step)
        reading = max(digits(step) - 1, 0) + (step < 0) + (self.rule == "steps" and abs(step) > 1)
        return columns + _INSIGHT[self.rule] + reading

    def phrasings(self, language: Language) -> tuple[str, ...]:
        terms = ", ".join(map(str, self._terms()[:-1]))
        return {
            "en": (
                f"What number comes next: {terms}?",
                f"Which number follows in the sequence {terms}?",
                f"Give the next number: {terms}.",
            ),
            "es": (f"¿Qué número sigue: {terms}?",),
            "fr": (f"Quel est le nombre suivant : {terms} ?",),
            "de": (f"Welche Zahl folgt: {terms}?",),
        }[language]

    def terse(self) -> tuple[str, ...]:
        terms = ", ".join(map(str, self._terms()[:-1]))
        return f"{terms}, ?", f"{terms}, ...", f"Next: {terms}"

    def answer(self) -> Number:
        return Number(Decimal(self._terms()[-1]))

    def entities(self) -> tuple[Entity, ...]:
        return ()

    def senses(self) -> tuple[str, ...]:
        return ("next",)

    def _terms(self) -> list[int]:
        """The shown terms and the one that is asked for."""
        terms = [self.first, self.by] if self.rule == "sums" else [self.first]
        step = self.by
        while len(terms) <= self.shown:
            match self.rule:
                case "steps":
                    terms.append(terms[-1] + self.by)
                case "factors":
                    terms.append(terms[-1] * self.by)
                case "alternating":
                    terms.append(terms[-1] + (self.by if len(terms) % 2 else self.other))
                case "growing":
                    terms.append(terms[-1] + step)
                    step += self.other
                case "sums":
                    terms.append(terms[-1] + terms[-2])
        return terms
