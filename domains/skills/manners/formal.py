"""Plain and polite."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.manners.code import Code
from wunderkammer.domains.skills.manners.foreign import ForeignLanguage
from wunderkammer.domains.skills.manners.manner import Manner, framed, words_of
from wunderkammer.domains.skills.manners.slang import Slang
from wunderkammer.domains.skills.problem import Problem

_BEFORE = (
    *("",) * 6,
    *("Please answer the following question.", "Kindly consider this question.", "Good afternoon."),
    *("I should like to know the following.", "A question for you:", "Dear assistant,", "Would you please help me:"),
)
_AFTER = (
    *("",) * 8,
    *("Thank you.", "Many thanks in advance.", "I appreciate your help.", "Thank you for your time."),
)


class Formal(Manner):
    """Plain, whole, polite sentences."""

    name = "formal"
    about = "in plain, formal and polite English"

    def grammar(self, problem: Problem, rng: Random, languages: Sequence[Language]) -> str:
        return framed(problem, rng, _BEFORE, _AFTER)

    def shows(self, text: str, problem: Problem) -> bool:
        """Whole sentences that are none of the marked manners, and not much longer than the plain question."""
        marked = any(m.shows(text, problem) for m in (Slang(), Code(), ForeignLanguage()))
        whole = text[:1].isupper() and text.rstrip().endswith((".", "?", "!"))
        return whole and not marked and words_of(text) <= max(map(words_of, problem.phrasings("en"))) + 16
