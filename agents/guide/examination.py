"""Whether a model is able to be the guide: found out by a few plain requests, or known beforehand."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from wunderkammer.agents.guide.history import message
from wunderkammer.agents.guide.speech import Speech
from wunderkammer.agents.guide.tool import SAY
from wunderkammer.core.errors import BadReply
from wunderkammer.core.settings import EMBEDDED
from wunderkammer.models.talker import Deaf

log = logging.getLogger(__name__)

TASKS = (
    ("Which runs are there?", "list_runs"),
    ("How much money and how many tokens did we spend so far?", "spend_report"),
    ("Please say good morning to me. Do nothing else.", SAY),
)
"""What is said, and what a guide does then."""
PASSED = 2
"""So many of the tasks have to go right."""
NAME = "examination"


@dataclass(frozen=True, slots=True)
class Fitness:
    """Whether the model may choose tools, and why not."""

    fit: bool
    why: str = ""


async def fitness(speech: Speech, *, small: bool) -> Fitness:
    """Whether the guide's model can choose tools: remembered, else examined by three requests that use no tool.

    small: the embedded server plays its own small model, which is known not to be.
    """
    server, model = await speech.gateway.seat("guide")
    if server == EMBEDDED and small:
        return Fitness(False, f"the embedded model ({model}) is too small to choose tools")
    known = (await speech.gateway.abilities("guide")).picks
    if known is None:
        right = await examine(speech)
        known = right >= PASSED
        await speech.gateway.learn("guide", picks=known)
    return Fitness(True) if known else Fitness(False, f"{model} did not choose the right tools when it was examined")


async def examine(speech: Speech) -> int:
    """How many of `TASKS` go right. No tool is used."""
    asked = replace(speech, thread=NAME)
    return sum([await _right(asked.next, place, words, wanted) for place, (words, wanted) in enumerate(TASKS)])


async def _right(ask: Callable[..., Awaitable[object]], place: int, words: str, wanted: str) -> bool:
    try:
        step = await ask([message("task", "user", words)], "Two runs are finished.", (), -1, place, Deaf())
    except BadReply as fault:
        log.info("the guide's examination: %s", fault)
        return False
    calls = getattr(step, "calls", ())
    return (not calls and wanted == SAY) or bool(calls and calls[0]["name"] == wanted)
