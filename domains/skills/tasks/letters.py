"""Counting the letters of words: all of them, one of them, or the vowels."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.replies import Number
from wunderkammer.domains.skills.statement import Entity
from wunderkammer.domains.skills.tasks.columns import size
from wunderkammer.domains.skills.vocabulary import WORDS

Counted = Literal["letters", "letter", "vowels"]
_COUNTED: tuple[Counted, ...] = ("letters", "letter", "vowels")
Word = Annotated[str, Field(pattern=r"^[a-z]{2,20}$")]


class CountingLetters(Problem):
    """How many letters, or occurrences of one letter, or vowels (a, e, i, o, u) some words have."""

    skill: Literal["counting letters"] = "counting letters"
    counted: Counted
    words: tuple[Word, ...] = Field(min_length=1, max_length=8)
    letter: str = Field("", pattern=r"^[a-z]?$")
    """The one that is counted; empty for the other kinds."""

    @model_validator(mode="after")
    def _names_a_letter_or_not(self) -> Self:
        if bool(self.letter) != (self.counted == "letter"):
            raise ValueError("letter: exactly where a single letter is counted")
        return self

    @property
    def kind(self) -> str:
        return self.counted

    @classmethod
    def guess(cls, rng: Random, difficulty: float) -> Self:
        count = size(rng.random(), 8, max(0.0, difficulty - 0.2))
        longest = 3 + round(12 * difficulty)
        fitting = [w for w in WORDS if len(w) <= longest]
        return cls._of(rng, rng.choice(_COUNTED), tuple(rng.choice(fitting) for _ in range(count)))

    def near(self, rng: Random) -> Self:
        words = list(self.words)
        match rng.choice(("word", "word", "letter", "counted", "more", "fewer")):
            case "word":
                at = rng.randrange(len(words))
                words[at] = rng.choice([w for w in WORDS if abs(len(w) - len(words[at])) <= 2] or list(WORDS))
            case "more" if len(words) < 8:
                words.append(rng.choice(WORDS))
            case "fewer" if len(words) > 1:
                words.pop()
            case "counted":
                return self._of(rng, rng.choice(_COUNTED), tuple(words))
        return self._of(rng, self.counted, tuple(words))

    @classmethod
    def _of(cls, rng: Random, counted: Counted, words: tuple[str, ...]) -> Self:
        letter = rng.choice("".join(words)) if counted == "letter" else ""
        return cls(counted=counted, words=words, letter=letter)

    def work(self) -> float:
        """Letters are scanned in pairs; every hit of a selective count is a step more."""
        letters = sum(map(len, self.words))
        return letters / 2 + (0 if self.counted == "letters" else self._count())

    def phrasings(self, language: Language) -> tuple[str, ...]:
        quoted, one = f'"{" ".join(self.words)}"', len(self.words) == 1
        match language:
            case "en":
                where = f"in the {'word' if one else 'words'} {quoted}"
                if self.counted == "letter":
                    return (
                        f'How many times does the letter "{self.letter}" occur {where}?',
                        f'How often does the letter "{self.letter}" appear {where}?',
                        f'Count the letter "{self.letter}" {where}.',
                    )
                return f"How many {self.counted} are {where}?", f"Count the {self.counted} {where}."
            case "es":
                where = f"en {'la palabra' if one else 'las palabras'} {quoted}"
                what = "letras" if self.counted == "letters" else "vocales"
                if self.counted == "letter":
                    return (f'¿Cuántas veces aparece la letra "{self.letter}" {where}?',)
                return (f"¿Cuántas {what} hay {where}?",)
            case "fr":
                where = f"dans {'le mot' if one else 'les mots'} {quoted}"
                what = "lettres" if self.counted == "letters" else "voyelles"
                if self.counted == "letter":
                    return (f'Combien de fois la lettre "{self.letter}" apparaît-elle {where} ?',)
                return (f"Combien de {what} y a-t-il {where} ?",)
            case "de":
                where = f"in {'dem Wort' if one else 'den Wörtern'} {quoted}"
                what = "Buchstaben" if self.counted == "letters" else "Vokale"
                if self.counted == "letter":
                    return (f'Wie oft kommt der Buchstabe "{self.letter}" {where} vor?',)
                return (f"Wie viele {what} sind {where}?",)

    def terse(self) -> tuple[str, ...]:
        quoted = f'"{" ".join(self.words)}"'
        if self.counted == "letter":
            return (f'Letter "{self.letter}" in {quoted}: how many?',)
        return f"{self.counted.capitalize()} in {quoted}?", f"{quoted}: how many {self.counted}?"

    def answer(self) -> Number:
        return Number(Decimal(self._count()))

    def entities(self) -> tuple[Entity, ...]:
        words = tuple(Entity(w, (w,)) for w in dict.fromkeys(self.words))
        return (*words, Entity("the letter", (f'"{self.letter}"', f"'{self.letter}'"))) if self.letter else words

    def senses(self) -> tuple[str, ...]:
        return (self.counted,)

    def strangers(self) -> tuple[str, ...]:
        return WORDS

    def _count(self) -> int:
        text = "".join(self.words)
        match self.counted:
            case "letters":
                return len(text)
            case "letter":
                return text.count(self.letter)
            case "vowels":
                return sum(c in "aeiou" for c in text)
