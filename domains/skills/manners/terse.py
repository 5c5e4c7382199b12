"""As few words as will do."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.manners.manner import Manner
from wunderkammer.domains.skills.problem import Problem


class Terse(Manner):
    """In as few words as will do."""

    name = "terse"
    about = "in as few words as possible"

    def grammar(self, problem: Problem, rng: Random, languages: Sequence[Language]) -> str:
        core = rng.choice(problem.terse())
        return rng.choice(
            (
                core,
                core,
                core.lower() if core.lower() != core and not _cased(problem) else core,
                f"{core} !",
                f"Q: {core}",
            )
        )

    def shows(self, text: str, problem: Problem) -> bool:
        """Clearly shorter than the plain question, or no longer than a terse form by code."""
        shortest = min(map(len, problem.phrasings("en")))
        return len(text) <= max(0.75 * shortest, max(map(len, problem.terse())) + 4)


def _cased(problem: Problem) -> bool:
    return problem.skill in ("logic", "dates")
