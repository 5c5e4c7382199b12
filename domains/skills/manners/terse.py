"""As few words as will do."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.manners.manner import Manner
from wunderkammer.domains.skills.problem import Problem


def _grammar(problem: Problem, rng: Random, languages: Sequence[Language]) -> str:
    core = rng.choice(problem.terse())
    return rng.choice((core, core, core.lower() if core.lower() != core and not _cased(problem) else core, f"{core} !", f"Q: {core}"))


def _cased(problem: Problem) -> bool:
    return problem.skill in ("logic", "dates")


def _shows(text: str, problem: Problem) -> bool:
    """Clearly shorter than the plain question, or no longer than a terse form by code."""
    shortest = min(map(len, problem.phrasings("en")))
    return len(text) <= max(0.75 * shortest, max(map(len, problem.terse())) + 4)


TERSE = Manner("terse", "in as few words as possible", _grammar, _shows)
