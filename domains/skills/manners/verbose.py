"""Many words around the same question."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.manners.manner import Manner, words_of
from wunderkammer.domains.skills.problem import Problem

_OPEN = (
    "I hope this message finds you well and that life has been pleasant for you so far.",
    "Before I come to the point, let me say how grateful I am for the time that you will spend on my request.",
    "As you are perhaps aware, I have for quite a while been mulling over a certain matter.",
    "It goes without saying that questions of this kind deserve an unhurried and careful look.",
    "I have thought hard over how best to put this, and I do apologise for the length of my introduction.",
    "Allow me to introduce, with all due ceremony, the matter that has been on my mind.",
)
_LEAD = (
    *(
        "The question that I would like to put before you, in all its glory, is this:",
        "So here, at long last, it comes:",
    ),
    *("To cut a long introduction short, what I wish to learn from you is the following:", "What I mean is this:"),
)
_CLOSE = (
    "Please do take all the time that you need, for there is no hurry whatsoever on my side.",
    "I remain, as ever, very much looking forward to whatever it is that you will have to say on the subject.",
    "Do let me express my gratitude for your patience with so wordy a person.",
    "Whatever it is that you come up with, I am certain that it is going to be of great help to me and to my family.",
    "",
)


class Verbose(Manner):
    """In many words."""

    name = "verbose"
    about = "in a long-winded, rambling way with many unnecessary words"

    def grammar(self, problem: Problem, rng: Random, languages: Sequence[Language]) -> str:
        opening = rng.sample(_OPEN, rng.randrange(1, 3))
        parts = (*opening, rng.choice(_LEAD), rng.choice(problem.phrasings("en")), rng.choice(_CLOSE))
        return " ".join(p for p in parts if p)

    def shows(self, text: str, problem: Problem) -> bool:
        """At least twenty words more than the plain question, in the case of short ones thrice as many."""
        plain = words_of(problem.question())
        return words_of(text) >= min(plain + 20, 3 * plain)
