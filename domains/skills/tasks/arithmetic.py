"""Sums, differences, products and chains of them."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.replies import Number
from wunderkammer.domains.skills.statement import Entity
from wunderkammer.domains.skills.tasks.columns import adding, multiplying, size

Sign = Literal["+", "-", "*"]
_SIGNS: tuple[Sign, ...] = ("+", "-", "*")
_SPOKEN: dict[Sign, str] = {"+": "plus", "-": "minus", "*": "times"}
_ENTITIES = (
    Entity("+", ("+", "plus", "más", "und"), infix=True),
    Entity("-", ("-", "minus", "menos", "moins"), infix=True),
    Entity("*", ("*", "×", "x", "times", "por", "fois", "mal", "multiplied by"), infix=True),
)
_LARGEST = 999_999


class Arithmetic(Problem):
    """Whole numbers joined by signs; products bind tighter than sums."""

    skill: Literal["arithmetic"] = "arithmetic"
    terms: tuple[Annotated[int, Field(ge=0, le=_LARGEST)], ...] = Field(min_length=2, max_length=6)
    signs: tuple[Sign, ...]

    @model_validator(mode="after")
    def _signs_stand_between(self) -> Self:
        if len(self.signs) != len(self.terms) - 1:
            raise ValueError("there must be one sign between each two terms")
        return self

    @property
    def kind(self) -> str:
        return {"+": "sum", "-": "difference", "*": "product"}[self.signs[0]] if len(set(self.signs)) == 1 else "chain"

    @classmethod
    def guess(cls, rng: Random, difficulty: float) -> Self:
        count = 1 + size(rng.random(), 5, max(0.0, difficulty - 0.3))
        same = rng.random() < 0.7
        sign = rng.choice(_SIGNS)
        signs = tuple(sign if same else rng.choice(_SIGNS) for _ in range(count - 1))
        return cls(terms=tuple(_term(rng, size(rng.random(), 6, difficulty)) for _ in range(count)), signs=signs)

    def near(self, rng: Random) -> Self:
        terms, signs = list(self.terms), list(self.signs)
        at = rng.randrange(len(terms))
        match rng.choice(("nudge", "nudge", "grow", "shrink", "sign", "more", "fewer")):
            case "nudge":
                terms[at] = min(_LARGEST, max(0, terms[at] + rng.choice((-3, -2, -1, 1, 2, 3))))
            case "grow":
                terms[at] = min(_LARGEST, terms[at] * 10 + rng.randrange(10))
            case "shrink":
                terms[at] = terms[at] // 10 or rng.randrange(1, 10)
            case "sign":
                signs[rng.randrange(len(signs))] = rng.choice(_SIGNS)
            case "more" if len(terms) < 6:
                terms, signs = [*terms, _term(rng, 1)], [*signs, rng.choice(signs)]
            case "fewer" if len(terms) > 2:
                del terms[-1], signs[-1]
        return type(self)(terms=tuple(terms), signs=tuple(signs))

    def work(self) -> float:
        steps, products = 0, [self.terms[0]]
        for sign, term in zip(self.signs, self.terms[1:], strict=True):
            if sign == "*":
                steps += multiplying(products[-1], term)
                products[-1] *= term
            else:
                products.append(term if sign == "+" else -term)
        total = products[0]
        for product in products[1:]:
            steps += adding(total, product)
            total += product
        return steps + (total < 0)

    def phrasings(self, language: Language) -> tuple[str, ...]:
        sum_, spoken = self._written(), self._written(spoken=True)
        match language:
            case "en":
                frames = ("What is {}?", "Calculate {}.", "How much is {}?", "Work out {}.")
                return (*(f.format(sum_) for f in frames), f"What is {spoken}?")
            case "es":
                return f"¿Cuánto es {sum_}?", f"Calcula {sum_}."
            case "fr":
                return f"Combien font {sum_} ?", f"Calcule {sum_}."
            case "de":
                return f"Wie viel ist {sum_}?", f"Berechne {sum_}."

    def terse(self) -> tuple[str, ...]:
        return f"{self._written()} =", f"{self._written()}?", "".join(self._written().split()) + "=?"

    def answer(self) -> Number:
        value, product, sign = 0, self.terms[0], 1
        for mark, term in zip(self.signs, self.terms[1:], strict=True):
            if mark == "*":
                product *= term
            else:
                value, product, sign = value + sign * product, term, 1 if mark == "+" else -1
        return Number(Decimal(value + sign * product))

    def entities(self) -> tuple[Entity, ...]:
        return _ENTITIES

    def senses(self) -> tuple[str, ...]:
        return ()

    def _written(self, *, spoken: bool = False) -> str:
        signs: list[str] = [_SPOKEN[s] if spoken else s for s in self.signs]
        return " ".join([str(self.terms[0]), *(f"{s} {t}" for s, t in zip(signs, self.terms[1:], strict=True))])


def _term(rng: Random, width: int) -> int:
    """A number of so many digits; of one digit it is at least 1."""
    return rng.randrange(10 ** (width - 1), 10**width)
