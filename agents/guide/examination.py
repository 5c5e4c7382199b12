"""Whether a model is able to be the guide: found out by a few plain requests, or known beforehand."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from wunderkammer.agents.guide.history import message
from wunderkammer.agents.guide.speech import Speech
from wunderkammer.agents.guide.tool import SAY
from wunderkammer.core.errors import BadReply
from wunderkammer.core.settings import EMBEDDED, Settings
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


def too_small(settings: Settings) -> bool:
    """Whether the embedded server plays the guide with the small model that it comes with: known not to be able to."""
    place = settings.server(settings.role("guide").server)
    return place.url == EMBEDDED and settings.embedded_model is None


async def fitness(speech: Speech, settings: Settings) -> Fitness:
    """Whether the guide's model can choose tools: known, or remembered, else examined by requests that use no tool."""
    if too_small(settings):
        return Fitness(False, "the embedded model is too small to choose tools")
    _, model = await speech.gateway.seat("guide")
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
