"""Changing a word letter by letter, one instruction after the other."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Literal, Self

from pydantic import Field, model_validator

from wunderkammer.core.contract import Frozen
from wunderkammer.domains.skills.lexicon import SENSES, Language
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.replies import Text
from wunderkammer.domains.skills.statement import Entity
from wunderkammer.domains.skills.tasks.columns import size
from wunderkammer.domains.skills.vocabulary import WORDS

How = Literal["reversed", "capitals", "removed", "replaced", "appended", "first letter", "last letter"]
_HOWS: tuple[How, ...] = ("reversed", "capitals", "removed", "replaced", "appended")
_LAST: tuple[How, ...] = ("first letter", "last letter")
_LETTERS: dict[How, int] = {"removed": 1, "replaced": 2, "appended": 1}
_SAID: dict[How, dict[Language, str]] = {
    "reversed": {
        "en": "write it backwards",
        "es": "escríbela al revés",
        "fr": "écris-le à l'envers",
        "de": "schreibe es rückwärts",
    },
    "capitals": {
        "en": "write it in capital letters",
        "es": "escríbela en mayúsculas",
        "fr": "écris-le en majuscules",
        "de": "schreibe es in Großbuchstaben",
    },
    "removed": {
        "en": 'remove every "{0}"',
        "es": 'quita cada "{0}"',
        "fr": 'enlève chaque "{0}"',
        "de": 'entferne jedes "{0}"',
    },
    "replaced": {
        "en": 'replace every "{0}" with "{1}"',
        "es": 'sustituye cada "{0}" por "{1}"',
        "fr": 'remplace chaque "{0}" par "{1}"',
        "de": 'ersetze jedes "{0}" durch "{1}"',
    },
    "appended": {
        "en": 'put "{0}" at the end',
        "es": 'pon "{0}" al final',
        "fr": 'mets "{0}" à la fin',
        "de": 'setze "{0}" ans Ende',
    },
    "first letter": {
        "en": "take its first letter",
        "es": "toma su primera letra",
        "fr": "prends sa première lettre",
        "de": "nimm den ersten Buchstaben",
    },
    "last letter": {
        "en": "take its last letter",
        "es": "toma su última letra",
        "fr": "prends sa dernière lettre",
        "de": "nimm den letzten Buchstaben",
    },
}
_ALONE: dict[How, str] = {
    "reversed": 'Write the word "{word}" backwards.',
    "capitals": 'Write the word "{word}" in capital letters.',
    "removed": 'Remove every "{0}" from the word "{word}".',
    "replaced": 'Replace every "{0}" with "{1}" in the word "{word}".',
    "appended": 'Put "{0}" at the end of the word "{word}".',
    "first letter": 'What is the first letter of the word "{word}"?',
    "last letter": 'What is the last letter of the word "{word}"?',
}

_INSTRUCTIONS = tuple(Entity(how, tuple(sorted(SENSES[how]))) for how in (*_HOWS, *_LAST))
"""Entities, not senses: their order matters."""


class Edit(Frozen):
    """One instruction; `letters` are what is removed, replaced (old, new) or appended."""

    how: How
    letters: str = Field("", pattern=r"^[a-z]{0,2}$")


class StringEdits(Problem):
    """Instructions for a word, carried out in order; letters are matched whatever their case."""

    skill: Literal["string edits"] = "string edits"
    word: str = Field(pattern=r"^[a-z]{2,20}$")
    edits: tuple[Edit, ...] = Field(min_length=1, max_length=6)

    @model_validator(mode="after")
    def _can_be_done(self) -> Self:
        if any(len(e.letters) != _LETTERS.get(e.how, 0) for e in self.edits):
            raise ValueError("letters: one to remove or append, two to replace, else none")
        if any(e.how in _LAST for e in self.edits[:-1]):
            raise ValueError("taking a single letter comes last")
        if not self._results()[-1]:
            raise ValueError("nothing would be left of the word")
        return self

    @property
    def kind(self) -> str:
        return self.edits[-1].how

    @classmethod
    def guess(cls, rng: Random, difficulty: float) -> Self:
        longest = 3 + round(12 * difficulty)
        word = rng.choice([w for w in WORDS if len(w) <= longest])
        return cls._of(rng, word, size(rng.random(), 5, max(0.0, difficulty - 0.25)))

    @classmethod
    def _of(cls, rng: Random, word: str, count: int) -> Self:
        """So many edits, each of which changes the word and leaves something of it; the last may take a letter."""
        edits: list[Edit] = []
        for _ in range(count):
            edit = _edit(rng, word, rng.choice(_HOWS))
            before = _after(word, edits)
            if _done(before, edit) not in ("", before, word):
                edits.append(edit)
        if not edits or rng.random() < (0.5 if count == 1 else 0.2):
            edits[-1:] = [Edit(how=rng.choice(_LAST))]
        return cls(word=word, edits=tuple(edits))

    def near(self, rng: Random) -> Self:
        match rng.choice(("word", "word", "more", "fewer", "redo")):
            case "word":
                near = [w for w in WORDS if abs(len(w) - len(self.word)) <= 2 and w != self.word]
                return self._of(rng, rng.choice(near or WORDS), len(self.edits))
            case "more" if len(self.edits) < 6:
                return self._of(rng, self.word, len(self.edits) + 1)
            case "fewer" if len(self.edits) > 1:
                return self._of(rng, self.word, len(self.edits) - 1)
        return self._of(rng, self.word, len(self.edits))

    def work(self) -> float:
        """One to find a letter or append one; half the letters to capitalise; all to search; twice all to reverse."""
        steps = 0.0
        for edit, before in zip(self.edits, (self.word, *self._results()), strict=False):
            n = len(before)
            steps += {"reversed": 2.0 * n, "capitals": n / 2, "removed": n, "replaced": n}.get(edit.how, 1.0)
        return steps + len(self.edits) - 1

    def phrasings(self, language: Language) -> tuple[str, ...]:
        said = [_SAID[e.how][language].format(*e.letters) for e in self.edits]
        match language:
            case "en":
                steps = ", then ".join(said)
                whole = f'Take the word "{self.word}" and {steps}. What do you get?'
                alone = _ALONE[self.edits[0].how].format(*self.edits[0].letters, word=self.word)
                return (alone, whole) if len(said) == 1 else (whole,)
            case "es":
                return (f'Toma la palabra "{self.word}": {", luego ".join(said)}. ¿Qué obtienes?',)
            case "fr":
                return (f'Prends le mot "{self.word}" : {", puis ".join(said)}. Qu\'obtiens-tu ?',)
            case "de":
                return (f'Nimm das Wort "{self.word}": {", dann ".join(said)}. Was erhältst du?',)

    def terse(self) -> tuple[str, ...]:
        short = {
            "reversed": "backwards",
            "capitals": "in capitals",
            "removed": 'remove "{0}"',
            "replaced": 'replace "{0}" with "{1}"',
            "appended": '"{0}" at the end',
            "first letter": "first letter",
            "last letter": "last letter",
        }
        return (f'"{self.word}": {", ".join(short[e.how].format(*e.letters) for e in self.edits)}?',)

    def answer(self) -> Text:
        return Text(self._results()[-1], cased=any(e.how == "capitals" for e in self.edits))

    def entities(self) -> tuple[Entity, ...]:
        letters = dict.fromkeys("".join(e.letters for e in self.edits))
        quoted = (Entity(f"letter {c}", (f'"{c}"', f"'{c}'")) for c in letters)
        return (Entity(self.word, (self.word,)), *quoted, *_INSTRUCTIONS)

    def senses(self) -> tuple[str, ...]:
        return ()

    def strangers(self) -> tuple[str, ...]:
        return WORDS

    def _results(self) -> tuple[str, ...]:
        """The word after each edit."""
        return tuple(_after(self.word, self.edits[: n + 1]) for n in range(len(self.edits)))


def _after(word: str, edits: Sequence[Edit]) -> str:
    for edit in edits:
        word = _done(word, edit)
    return word


def _done(word: str, edit: Edit) -> str:
    match edit.how:
        case "reversed":
            return word[::-1]
        case "capitals":
            return word.upper()
        case "removed":
            return "".join(c for c in word if c.lower() != edit.letters)
        case "replaced":
            old, new = edit.letters[0], edit.letters[1]
            return "".join(new if c.lower() == old else c for c in word)
        case "appended":
            return word + edit.letters
        case "first letter":
            return word[:1]
        case "last letter":
            return word[-1:]


def _edit(rng: Random, word: str, how: How) -> Edit:
    match how:
        case "removed":
            return Edit(how=how, letters=rng.choice(word))
        case "replaced":
            old = rng.choice(word)
            return Edit(how=how, letters=old + rng.choice([c for c in "aeioustr" if c != old]))
        case "appended":
            return Edit(how=how, letters=rng.choice("snytle"))
        case _:
            return Edit(how=how)
