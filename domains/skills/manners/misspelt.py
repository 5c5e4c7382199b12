"""Slips of the pen, in anything but numbers, names, units and quoted words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from wunderkammer.domains.skills.lexicon import NEGATIONS, TAMPERING, Language
from wunderkammer.domains.skills.manners.manner import Manner, framed
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.replies.numbers import SPELT_OUT
from wunderkammer.domains.skills.statement import alike, fold, tokens

_WORD = re.compile(r"(?<![\w\"'])[A-Za-z]{4,}(?![\w\"'])")
_AROUND = ("please", "answer", "quick", "question", "hello", "there", "thanks")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


class Misspelt(Manner):
    """Typed in a hurry."""

    name = "misspelt"
    about = "with several spelling mistakes and typos, as typed in a hurry"

    def grammar(self, problem: Problem, rng: Random, languages: Sequence[Language]) -> str:
        """One slip in each of one to four words."""
        text = framed(
            problem, rng, ("", "", "Please answer:", "Quick question:", "Hello there,"), ("", "", "Thanks.", "Please.")
        )
        kept = {t for e in problem.entities() for f in e.forms for t in tokens(fold(f))} | set(problem.strangers())
        within_quotes = [m.span() for m in re.finditer(r'"[^"]*"', text)]
        places = [
            m
            for m in _WORD.finditer(text)
            if m.group().lower() not in kept and not any(a <= m.start() < b for a, b in within_quotes)
        ]
        for m in sorted(rng.sample(places, min(len(places), rng.randrange(1, 5))), key=lambda m: -m.start()):
            text = text[: m.start()] + _slip(rng, m.group()) + text[m.end() :]
        return text

    def shows(self, text: str, problem: Problem) -> bool:
        """At least one word that is none of the plain question's, but nearly one."""
        known = {t for k in problem.phrasings("en") for t in tokens(fold(k))} | set(_AROUND)
        return any(
            t not in known and any(len(k) > 3 and alike(t, k) for k in known) for t in tokens(fold(text)) if len(t) > 2
        )


def _slip(rng: Random, word: str) -> str:
    """The word with two letters swapped, one dropped, doubled or hit beside; never another known word."""
    for _ in range(12):
        at = rng.randrange(1, len(word) - 1)
        slips = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + _beside(rng, word[at]) + word[at + 1 :],
        )
        slip = rng.choice(slips)
        known = slip.lower() in NEGATIONS | TAMPERING | SPELT_OUT
        if slip != word and not known and alike(slip.lower(), word.lower()):
            return slip
    return word[:2] + word[1:]


def _beside(rng: Random, letter: str) -> str:
    row = next((r for r in _ROWS if letter.lower() in r), _ROWS[1])
    at = row.find(letter.lower())
    return rng.choice([row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)])
