"""Who comes first in a chain of comparisons, and what follows from a chain of classes."""

from __future__ import annotations

from itertools import combinations
from random import Random
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.replies import Choice
from wunderkammer.domains.skills.statement import Entity
from wunderkammer.domains.skills.tasks.columns import size
from wunderkammer.domains.skills.vocabulary import INVENTED, NAMES

Relation = Literal["taller", "faster", "heavier", "class"]
_RELATIONS: tuple[Relation, ...] = ("taller", "faster", "heavier", "class")
_MORE: dict[Relation, dict[Language, str]] = {
    "taller": {"en": "is taller than", "es": "mide más que", "fr": "mesure plus que", "de": "ist größer als"},
    "faster": {
        "en": "is faster than",
        "es": "es más rápido que",
        "fr": "court plus vite que",
        "de": "ist schneller als",
    },
    "heavier": {"en": "is heavier than", "es": "pesa más que", "fr": "pèse plus que", "de": "ist schwerer als"},
}
_WHO: dict[tuple[Relation, bool], dict[Language, str]] = {
    ("taller", False): {
        "en": "Who is the tallest?",
        "es": "¿Quién mide más?",
        "fr": "Qui mesure le plus ?",
        "de": "Wer ist am größten?",
    },
    ("taller", True): {
        "en": "Who is the shortest?",
        "es": "¿Quién mide menos?",
        "fr": "Qui mesure le moins ?",
        "de": "Wer ist am kleinsten?",
    },
    ("faster", False): {
        "en": "Who is the fastest?",
        "es": "¿Quién es el más rápido?",
        "fr": "Qui court le plus vite ?",
        "de": "Wer ist am schnellsten?",
    },
    ("faster", True): {
        "en": "Who is the slowest?",
        "es": "¿Quién es el menos rápido?",
        "fr": "Qui court le moins vite ?",
        "de": "Wer ist am langsamsten?",
    },
    ("heavier", False): {
        "en": "Who is the heaviest?",
        "es": "¿Quién pesa más?",
        "fr": "Qui pèse le plus ?",
        "de": "Wer ist am schwersten?",
    },
    ("heavier", True): {
        "en": "Who is the lightest?",
        "es": "¿Quién pesa menos?",
        "fr": "Qui pèse le moins ?",
        "de": "Wer ist am leichtesten?",
    },
}
_SENSES: dict[Relation, tuple[str, str]] = {
    "taller": ("tallest", "least tall"),
    "faster": ("fastest", "slowest"),
    "heavier": ("heaviest", "lightest"),
}
_YES_NO = (("yes", "sí", "si", "oui", "ja"), ("no", "non", "nein"))
_QUANTIFIERS = (
    Entity("every", ("every", "all", "each", "todo", "todos", "tout", "tous", "jeder", "alle")),
    Entity("none", ("no", "none", "ningún", "aucun", "kein", "nicht")),
)


class Logic(Problem):
    """`chain` from most to least (people), or from member to its widest class; `told` is the order of the premises."""

    skill: Literal["logic"] = "logic"
    relation: Relation
    chain: tuple[Annotated[str, Field(pattern=r"^[A-Za-z]{2,12}$")], ...] = Field(min_length=2, max_length=9)
    told: tuple[int, ...]
    turned: bool = False
    """Asks for the least; or, of classes, the last premise says "no" instead of "every"."""

    @model_validator(mode="after")
    def _tells_each_premise_once(self) -> Self:
        if len(set(self.chain)) < len(self.chain) or sorted(self.told) != list(range(len(self.chain) - 1)):
            raise ValueError("told: a permutation of the premises; chain: no repeats")
        if self.relation == "class" and len(self.chain) < 3:
            raise ValueError("classes: a member and at least two classes")
        return self

    @property
    def kind(self) -> str:
        return "classes" if self.relation == "class" else "order"

    @classmethod
    def guess(cls, rng: Random, difficulty: float) -> Self:
        return cls._of(rng, rng.choice(_RELATIONS), 1 + size(rng.random(), 8, difficulty), rng.random() < difficulty)

    @classmethod
    def _of(cls, rng: Random, relation: Relation, length: int, shuffled: bool) -> Self:
        if relation == "class":
            length = min(max(3, length), 9)
            chain = (rng.choice(NAMES), *rng.sample(INVENTED, length - 1))
        else:
            chain = tuple(rng.sample(NAMES, length))
        told = list(range(length - 1))
        if shuffled:
            rng.shuffle(told)
        return cls(relation=relation, chain=chain, told=tuple(told), turned=rng.random() < 0.5)

    def near(self, rng: Random) -> Self:
        length = len(self.chain)
        match rng.choice(("more", "fewer", "shuffle", "straighten", "turn", "names")):
            case "more" if length < 9:
                return self._of(rng, self.relation, length + 1, self._inversions() > 0)
            case "fewer" if length > 2:
                return self._of(rng, self.relation, length - 1, self._inversions() > 0)
            case "shuffle":
                return self.changed(told=tuple(rng.sample(self.told, len(self.told))))
            case "straighten":
                return self.changed(told=tuple(range(length - 1)))
            case "turn":
                return self.changed(turned=not self.turned)
        return self._of(rng, self.relation, length, self._inversions() > 0)

    def work(self) -> float:
        """A step per premise, one per pair of premises told in the wrong order, one for the turn."""
        return len(self.told) + self._inversions() + (self.turned and len(self.chain) > 2)

    def phrasings(self, language: Language) -> tuple[str, ...]:
        if self.relation != "class":
            premises = " ".join(self._compared(n, language) for n in self.told)
            return (f"{premises} {_WHO[self.relation, self.turned][language]}",)
        premises = " ".join(self._classed(n, language) for n in self.told)
        member, last = self.chain[0], self.chain[-1]
        question = {
            "en": f"Is {member} a {last}? Answer yes or no.",
            "es": f"¿Es {member} un {last}? Responde sí o no.",
            "fr": f"{member} est-il un {last} ? Réponds par oui ou par non.",
            "de": f"Ist {member} ein {last}? Antworte mit ja oder nein.",
        }[language]
        return (f"{premises} {question}",)

    def terse(self) -> tuple[str, ...]:
        if self.relation == "class":
            links = "; ".join(self._classed(n, "en").removesuffix(".") for n in self.told)
            return (f"{links}. {self.chain[0]} a {self.chain[-1]}? Yes/no",)
        links = "; ".join(f"{self.chain[n]} {self.relation} than {self.chain[n + 1]}" for n in self.told)
        return (f"{links}. {_WHO[self.relation, self.turned]['en'].replace('Who is the ', '').capitalize()}",)

    def answer(self) -> Choice:
        if self.relation == "class":
            return Choice("no" if self.turned else "yes", _YES_NO, inside=True, silent=True)
        return Choice(
            self.chain[-1] if self.turned else self.chain[0],
            tuple((name,) for name in sorted({*self.chain, *NAMES})),
            inside=True,
        )

    def entities(self) -> tuple[Entity, ...]:
        things = tuple(Entity(thing, (thing, f"{thing}s")) for thing in self.chain)
        return (*things, *_QUANTIFIERS) if self.relation == "class" else things

    def senses(self) -> tuple[str, ...]:
        return () if self.relation == "class" else (self.relation, _SENSES[self.relation][self.turned])

    def strangers(self) -> tuple[str, ...]:
        return (*NAMES, *INVENTED)

    def _compared(self, n: int, language: Language) -> str:
        return f"{self.chain[n]} {_MORE[self.relation][language]} {self.chain[n + 1]}."

    def _classed(self, n: int, language: Language) -> str:
        one, other = self.chain[n], self.chain[n + 1]
        if n == 0:
            return f"{one} {({'en': 'is a', 'es': 'es un', 'fr': 'est un', 'de': 'ist ein'})[language]} {other}."
        if self.turned and n == len(self.chain) - 2:
            form = {
                "en": "No {} is a {}.",
                "es": "Ningún {} es un {}.",
                "fr": "Aucun {} n'est un {}.",
                "de": "Kein {} ist ein {}.",
            }
        else:
            form = {
                "en": "Every {} is a {}.",
                "es": "Todo {} es un {}.",
                "fr": "Tout {} est un {}.",
                "de": "Jeder {} ist ein {}.",
            }
        return form[language].format(one, other)

    def _inversions(self) -> int:
        return sum(a > b for a, b in combinations(self.told, 2))
