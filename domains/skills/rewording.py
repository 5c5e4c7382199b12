"""A question reworded by the mutator model, and whatever it wrote checked by code."""

from __future__ import annotations

import re
from collections.abc import Sequence

from wunderkammer.core.contract import Lab
from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.manners import Manner
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.statement import LONGEST

_EASY = 0.1
_PREFACE = re.compile(
    r"^\s*(?:sure[,!.]?\s*)?"
    r"(?:here(?:'s| is)[^:\n]{0,60}:|(?:reworded|rewritten|new)(?: question| version)?:|question:)\s*",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^```\w*\n(.*?)\n?```\s*$", re.DOTALL)


async def rewording(problem: Problem, manner: Manner, lab: Lab, languages: Sequence[Language]) -> str | None:
    """The problem in the manner, in the mutator's words; None where it is too like the plain question, or not it.

    The prompt shows one rewording by grammar, of another easy problem of the skill.
    """
    plain = problem.question()
    example = type(problem).draw(lab.rng, _EASY)
    shown = manner.word(example, lab.rng, languages)
    values = {
        "manner": manner.about,
        "example": example.question(),
        "reworded": shown or example.question(),
        "hint": lab.hint,
    }
    reply = await lab.rewrite([("skills/reword", values)], plain)
    wording = stripped(reply) if reply is not None else ""
    if not wording or len(wording) > LONGEST or wording == plain or manner.fault(problem, wording) is not None:
        return None
    return wording


def stripped(reply: str) -> str:
    """A reply without a preface, a code fence around all of it, or quotation marks around all of it."""
    text = _PREFACE.sub("", reply).strip()
    fenced = _FENCE.match(text)
    text = fenced[1].strip() if fenced else text
    for quote in ('"', "'", "“”"):
        if len(text) > 2 and text.startswith(quote[0]) and text.endswith(quote[-1]) and quote[0] not in text[1:-1]:
            text = text[1:-1].strip()
    return text
