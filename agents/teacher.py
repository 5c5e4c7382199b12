"""The teacher: has failures turned into lessons, and gives ordinary conversations to keep what the target can do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from wunderkammer.core.abilities import Lesson, Repairs
from wunderkammer.core.contract import Entry, Lab, Message, Sampling
from wunderkammer.core.errors import BadReply, ModelError

PATIENCE = 16
"""Servers' faults on end before the teacher gives up."""
CHAT_TOKENS = 64
"""Length of an ordinary answer that is learnt again."""
_SENTENCE_END = re.compile(r"[.!?][\"')\]]?(?=\s|$)")

Tick = Callable[[], None]


@dataclass(frozen=True)
class Taught:
    """What came of teaching."""

    lessons: tuple[Lesson, ...]
    """In the order of what was taught."""
    without: int
    """Failures to which nobody had a right or safe answer."""
    faults: int
    """Failures that a server's fault kept from being taught."""


class Teacher:
    """Teaches many things at once.

    make_lab: the lab of a place; equal places draw and ask the same. turns: how many are taught at a time.
    """

    def __init__(self, make_lab: Callable[[int], Lab], turns: int) -> None:
        self._make_lab = make_lab
        self._turns = asyncio.Semaphore(turns)
        self._failures = 0

    async def repair(
        self, domain: Repairs[Any], failures: Sequence[tuple[Entry[Any], int]], tick: Tick = lambda: None
    ) -> Taught:
        """Lessons from each failure, as many as stand beside it.

        Raises the `ModelError` that exhausts our patience, and `BudgetExceeded` at a hard limit.
        """

        async def one(place: int) -> Sequence[Lesson] | None:
            entry, count = failures[place]
            found: Sequence[Lesson] | None = await self._patiently(lambda lab: domain.lessons(entry, lab, count), place)
            tick()
            return found

        found = await _all([one(place) for place in range(len(failures))])
        return Taught(
            lessons=tuple(lesson for lessons in found if lessons for lesson in lessons),
            without=sum(lessons is not None and not lessons for lessons in found),
            faults=sum(lessons is None for lessons in found),
        )

    async def converse(self, prompts: Sequence[str], tick: Tick = lambda: None) -> tuple[Lesson, ...]:
        """Ordinary prompts with the target's own answers, cut after the last whole sentence; what has none is left out.

        A model that learns its own words again forgets less of what it could before.
        """

        async def one(place: int) -> Lesson | None:
            messages = (Message(role="user", content=prompts[place]),)
            sampling = Sampling(max_tokens=CHAT_TOKENS)
            said = await self._patiently(lambda lab: lab.complete("target", messages, sampling=sampling), place)
            tick()
            words = whole_sentences(said[0]) if said else ""
            return Lesson(messages=messages, chosen=words, source=ORDINARY) if words else None

        found = await _all([one(place) for place in range(len(prompts))])
        return tuple(lesson for lesson in found if lesson is not None)

    async def _patiently(self, ask: Callable[[Lab], Any], place: int) -> Any:
        """What was asked for; None where a server's fault stood in the way."""
        async with self._turns:
            try:
                found = await ask(self._make_lab(place))
            except BadReply:
                return None
            except ModelError:
                self._failures += 1
                if self._failures >= PATIENCE:
                    raise
                return None
            self._failures = 0
            return found


ORDINARY = "ordinary"
"""`Lesson.source` of a conversation that repairs nothing."""


def whole_sentences(text: str) -> str:
    """A text up to the end of its last whole sentence; empty where it has none."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    return text[: ends[-1]].strip() if ends else ""


async def _all(work: Sequence[Any]) -> list[Any]:
    """Results in order; the first fault ends the rest."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
