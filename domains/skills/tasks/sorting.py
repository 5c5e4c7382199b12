"""Putting numbers or words in order."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.replies import Listing
from wunderkammer.domains.skills.statement import Entity
from wunderkammer.domains.skills.tasks.columns import digits, size
from wunderkammer.domains.skills.vocabulary import WORDS

Item = TypeVar("Item", int, str)


class Sorting(Problem):
    """Distinct numbers, or distinct words; exactly one of the two lists is filled."""

    skill: Literal["sorting"] = "sorting"
    numbers: tuple[Annotated[int, Field(ge=0, le=999_999)], ...] = Field((), max_length=12)
    words: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,20}$")], ...] = Field((), max_length=12)
    down: bool = False

    @model_validator(mode="after")
    def _has_something_to_do(self) -> Self:
        if bool(self.numbers) == bool(self.words):
            raise ValueError("either numbers or words")
        items = self._items()
        if len(items) < 2 or len(set(items)) < len(items) or items == self._sorted():
            raise ValueError("at least two different items, and not in their right order yet")
        return self

    @property
    def kind(self) -> str:
        return "numbers" if self.numbers else "words"

    @classmethod
    def guess(cls, rng: Random, difficulty: float) -> Self:
        count = 1 + size(rng.random(), 11, difficulty)
        down = rng.random() < 0.35
        if rng.random() < 0.5:
            return cls(words=_unsorted(rng, rng.sample(WORDS, count), down), down=down)
        width = size(rng.random(), 6, difficulty)
        drawn = rng.sample(range(1, max(10**width, 4 * count)), count)
        return cls(numbers=_unsorted(rng, drawn, down), down=down)

    def near(self, rng: Random) -> Self:
        if self.numbers:
            numbers, down = _edited(rng, self.numbers, self.down, _like_number)
            return type(self)(numbers=numbers, down=down)
        words, down = _edited(rng, self.words, self.down, lambda rng, _: rng.choice(WORDS))
        return type(self)(words=words, down=down)

    def work(self) -> float:
        """ceil(log2 n!) comparisons, each one character deeper than neighbours in the order agree."""
        ordered = [str(i) for i in self._sorted()]
        depth = sum(_depth(a, b) for a, b in pairwise(ordered)) / (len(ordered) - 1)
        return math.ceil(math.log2(math.factorial(len(ordered)))) * depth

    def phrasings(self, language: Language) -> tuple[str, ...]:
        items = ", ".join(map(str, self._items()))
        n, down = bool(self.numbers), self.down
        match language:
            case "en":
                if n:
                    order = "from largest to smallest" if down else "from smallest to largest"
                    name = "descending" if down else "ascending"
                    return f"Sort these numbers {order}: {items}.", f"Put these numbers in {name} order: {items}."
                order = "reverse alphabetical order" if down else "alphabetical order"
                return f"Sort these words in {order}: {items}.", f"Put these words in {order}: {items}."
            case "es":
                order = "de mayor a menor" if down else "de menor a mayor"
                words = "en orden alfabético inverso" if down else "en orden alfabético"
                return (f"Ordena estos números {order}: {items}." if n else f"Ordena estas palabras {words}: {items}.",)
            case "fr":
                order = "du plus grand au plus petit" if down else "du plus petit au plus grand"
                words = "dans l'ordre alphabétique inverse" if down else "dans l'ordre alphabétique"
                return (f"Trie ces nombres {order} : {items}." if n else f"Range ces mots {words} : {items}.",)
            case "de":
                order = "von der größten zur kleinsten" if down else "von der kleinsten zur größten"
                words = "umgekehrt alphabetisch" if down else "alphabetisch"
                return (
                    f"Sortiere diese Zahlen {order}: {items}." if n else f"Sortiere diese Wörter {words}: {items}.",
                )

    def terse(self) -> tuple[str, ...]:
        items = ", ".join(map(str, self._items()))
        order = ("descending" if self.down else "ascending") if self.numbers else "alphabetical"
        return (f"{'Reverse alphabetical' if self.down and self.words else order.capitalize()}: {items}",)

    def answer(self) -> Listing:
        ordered = self._sorted()
        if self.numbers:
            return Listing(tuple(Decimal(i) for i in ordered))
        return Listing(tuple(str(i) for i in ordered))

    def entities(self) -> tuple[Entity, ...]:
        return tuple(Entity(w, (w,)) for w in self.words)

    def senses(self) -> tuple[str, ...]:
        if self.numbers:
            return ("descending" if self.down else "ascending",)
        return ("reverse alphabetical" if self.down else "alphabetical",)

    def strangers(self) -> tuple[str, ...]:
        return WORDS if self.words else ()

    def lists(self) -> tuple[str, ...]:
        return (", ".join(self.words), f"{', '.join(self.words[:-1])} and {self.words[-1]}") if self.words else ()

    def _items(self) -> tuple[int, ...] | tuple[str, ...]:
        return self.numbers or self.words

    def _sorted(self) -> tuple[int, ...] | tuple[str, ...]:
        if self.numbers:
            return tuple(sorted(self.numbers, reverse=self.down))
        return tuple(sorted(self.words, reverse=self.down))


def _edited(
    rng: Random, items: tuple[Item, ...], down: bool, like: Callable[[Random, Item], Item]
) -> tuple[tuple[Item, ...], bool]:
    """The items with one of them replaced, added or left out, or another order asked for."""
    kept = list(items)
    at = rng.randrange(len(kept))
    match rng.choice(("shuffle", "replace", "replace", "more", "fewer", "down")):
        case "replace":
            kept[at] = like(rng, kept[at])
        case "more" if len(kept) < 12:
            kept.append(like(rng, kept[at]))
        case "fewer" if len(kept) > 2:
            del kept[at]
        case "down":
            down = not down
        case _:
            rng.shuffle(kept)
    distinct = list(dict.fromkeys(kept))
    return _unsorted(rng, distinct if len(distinct) > 1 else list(items), down), down


def _unsorted(rng: Random, items: list[Item], down: bool) -> tuple[Item, ...]:
    """Distinct items, shuffled if they stand in the order that is asked for."""
    while items == sorted(items, reverse=down):
        rng.shuffle(items)
    return tuple(items)


def _like_number(rng: Random, number: int) -> int:
    width = max(1, min(6, digits(number) + rng.choice((-1, 0, 0, 1))))
    return rng.randrange(10 ** (width - 1), 10**width)


def _depth(a: str, b: str) -> int:
    """Characters to look at before two items differ; numbers of different length differ at once."""
    if a.isdigit() and len(a) != len(b):
        return 1
    return 1 + next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
