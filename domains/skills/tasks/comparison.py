"""The largest or smallest of some numbers, the longest or shortest of some words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from random import Random
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wunderkammer.domains.skills.lexicon import LANGUAGES, Language
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.replies import Answer, Choice, Number
from wunderkammer.domains.skills.replies.numbers import plain
from wunderkammer.domains.skills.statement import Entity
from wunderkammer.domains.skills.tasks.columns import size
from wunderkammer.domains.skills.vocabulary import WORDS

Numeral = Annotated[str, Field(pattern=r"^-?(0|[1-9]\d{0,5})(\.\d{0,5}[1-9])?$")]


class Comparison(Problem):
    """Numbers as they are written (9.9 and 9.11), or words; exactly one of the two lists is filled."""

    skill: Literal["comparison"] = "comparison"
    numbers: tuple[Numeral, ...] = Field((), max_length=10)
    words: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,20}$")], ...] = Field((), max_length=10)
    least: bool = False

    @model_validator(mode="after")
    def _has_one_winner(self) -> Self:
        if bool(self.numbers) == bool(self.words):
            raise ValueError("either numbers or words")
        sizes = self._sizes()
        if len(sizes) < 2 or len(set(sizes)) < len(sizes):
            raise ValueError("at least two items, all of different size")
        return self

    @property
    def kind(self) -> str:
        return "numbers" if self.numbers else "words"

    @classmethod
    def guess(cls, rng: Random, difficulty: float) -> Self:
        count = 1 + size(rng.random(), 9, difficulty)
        least = rng.random() < 0.5
        if rng.random() < 0.4:
            return cls(words=_lengths_apart(rng.sample(WORDS, len(WORDS)), count), least=least)
        width, places = size(rng.random(), 6, difficulty), size(rng.random(), 4, difficulty) - 1
        drawn = (_numeral(rng, width, places, rng.random() < difficulty / 2) for _ in range(10 * count + 20))
        return cls(numbers=_values_apart(drawn, count), least=least)

    def near(self, rng: Random) -> Self:
        items = list(self.numbers or self.words)
        at, least = rng.randrange(len(items)), self.least
        match rng.choice(("replace", "replace", "more", "fewer", "least", "shuffle")):
            case "replace":
                items[at] = self._like(rng, items[at])
            case "more" if len(items) < 10:
                items.append(self._like(rng, items[at]))
            case "fewer" if len(items) > 2:
                del items[at]
            case "least":
                least = not least
            case _:
                rng.shuffle(items)
        apart = _values_apart if self.numbers else _lengths_apart
        kept = apart(items, len(items))
        if len(kept) < 2:
            return self
        return type(self)(numbers=kept, least=least) if self.numbers else type(self)(words=kept, least=least)

    def _like(self, rng: Random, item: str) -> str:
        """An item of about the same size; of numbers often one that differs in its last figures only."""
        if self.words:
            return rng.choice([w for w in WORDS if abs(len(w) - len(item)) <= 2])
        value = Decimal(item)
        if rng.random() < 0.3:
            return plain(value + Decimal(rng.randrange(1, 10)) / 10 ** rng.choice((1, 2)))
        return _numeral(rng, len(item.lstrip("-").split(".")[0]), _places(item), value < 0)

    def work(self) -> float:
        """n - 1 comparisons, each as deep as winner and runner-up agree, plus 1; more for signs and uneven decimals."""
        if self.words:
            return sum(map(len, self.words)) / 3 + len(self.words) - 1
        ranked = sorted(self.numbers, key=Decimal, reverse=not self.least)
        depth = 1 + _agreement(ranked[0], ranked[1])
        signs = sum(n.startswith("-") for n in self.numbers)
        uneven = 2 if len({_places(n) for n in self.numbers}) > 1 else 0
        return (len(self.numbers) - 1) * depth + signs + uneven

    def phrasings(self, language: Language) -> tuple[str, ...]:
        items, two = self._listed(language), len(self._sizes()) == 2
        if self.words:
            most = "fewest" if self.least else "most"
            return {
                "en": (
                    f"Which word has the {most} letters: {items}?",
                    f"Which of these words is the {'shortest' if self.least else 'longest'}: {items}?",
                ),
                "es": (f"¿Qué palabra tiene {'menos' if self.least else 'más'} letras: {items}?",),
                "fr": (f"Quel mot a le {'moins' if self.least else 'plus'} de lettres : {items} ?",),
                "de": (f"Welches Wort hat die {'wenigsten' if self.least else 'meisten'} Buchstaben: {items}?",),
            }[language]
        larger = ("smaller" if self.least else "larger") if two else ("smallest" if self.least else "largest")
        bigger = ("lower" if self.least else "bigger") if two else ("lowest" if self.least else "biggest")
        which = "Which number is" if two else "Which number is the"
        return {
            "en": (f"{which} {larger}: {items}?", f"{which} {bigger}, {items}?"),
            "es": (f"¿Qué número es {'menor' if self.least else 'mayor'}: {items}?",),
            "fr": (f"Quel nombre est le plus {'petit' if self.least else 'grand'} : {items} ?",),
            "de": (f"Welche Zahl ist {'kleiner' if self.least else 'größer'}: {items}?",)
            if two
            else (f"Welche Zahl ist die {'kleinste' if self.least else 'größte'}: {items}?",),
        }[language]

    def terse(self) -> tuple[str, ...]:
        items = self._listed("en")
        if self.words:
            return (f"{'Shortest' if self.least else 'Longest'} word: {items}?",)
        return f"{'Smallest' if self.least else 'Largest'}: {items}?", f"{'Min' if self.least else 'Max'} of {items}?"

    def answer(self) -> Answer:
        pick = min if self.least else max
        if self.words:
            return Choice(pick(self.words, key=len), tuple((w,) for w in sorted(self.words)), inside=True)
        return Number(pick(map(Decimal, self.numbers)))

    def entities(self) -> tuple[Entity, ...]:
        return tuple(Entity(w, (w,)) for w in self.words)

    def senses(self) -> tuple[str, ...]:
        if self.words:
            return ("shortest" if self.least else "longest",)
        return ("smallest" if self.least else "largest",)

    def strangers(self) -> tuple[str, ...]:
        return WORDS if self.words else ()

    def lists(self) -> tuple[str, ...]:
        return tuple(self._listed(language) for language in LANGUAGES) if self.words else ()

    def _sizes(self) -> list[Decimal]:
        return [Decimal(n) for n in self.numbers] or [Decimal(len(w)) for w in self.words]

    def _listed(self, language: Language) -> str:
        items = self.numbers or self.words
        link = {"en": "or", "es": "o", "fr": "ou", "de": "oder"}[language]
        return f"{items[0]} {link} {items[1]}" if len(items) == 2 else ", ".join(items)


def _numeral(rng: Random, width: int, places: int, negative: bool) -> str:
    whole = rng.randrange(10 ** (width - 1) if width > 1 else 0, 10**width)
    part = Decimal(rng.randrange(10**places)) / 10**places if places else Decimal(0)
    value = Decimal(whole) + part
    return plain(-value if negative else value) if value else "0"


def _values_apart(items: Iterable[str], count: int) -> tuple[str, ...]:
    return _apart(items, count, Decimal)


def _lengths_apart(items: Iterable[str], count: int) -> tuple[str, ...]:
    return _apart(items, count, len)


def _apart(items: Iterable[str], count: int, measure: Callable[[str], Decimal | int]) -> tuple[str, ...]:
    """The first so many items of which no two measure the same."""
    kept: dict[Decimal | int, str] = {}
    for item in items:
        if len(kept) < count:
            kept.setdefault(measure(item), item)
    return tuple(kept.values())


def _agreement(a: str, b: str) -> int:
    """Leading characters that two numerals of equally long whole parts share."""
    if len(a.split(".")[0]) != len(b.split(".")[0]):
        return 0
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def _places(numeral: str) -> int:
    return len(numeral.partition(".")[2])
