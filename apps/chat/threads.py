"""All conversations of one process, by the names of their threads."""

from __future__ import annotations

import asyncio

from wunderkammer.agents.guide.speech import Surface
from wunderkammer.apps.chat.conversation import Conversation
from wunderkammer.apps.chat.session import Parlour, checked_thread
from wunderkammer.core.errors import RunBusy

MOST_OPEN = 256
"""Conversations that are held in memory; the others are in the ledger and in checkpoints."""


class Threads:
    """Opens conversations, each once, and closes them together."""

    def __init__(self, parlour: Parlour) -> None:
        self.parlour = parlour
        self._open: dict[str, Conversation] = {}
        self._opening = asyncio.Lock()

    async def open(self, name: str, surface: Surface = "page") -> Conversation:
        """The conversation of a thread, new or old; `ConfigError` where no thread can be called so, `RunBusy` where
        too many are at work. surface: where its user reads, if it is not open yet."""
        async with self._opening:
            found = self._open.pop(checked_thread(name), None)
            if found is None or (found.parlour is not self.parlour and not found.working):
                self._make_room()
                found = await Conversation(self.parlour, name, surface).take_up()
            self._open[name] = found
            return found

    def move(self, parlour: Parlour) -> None:
        """Go on in another parlour, whose settings are newer. Answers that are being given are given where they are."""
        self.parlour = parlour

    def work_in(self, parlour: Parlour) -> bool:
        """Whether an answer is being given in a parlour."""
        return any(one.working and one.parlour is parlour for one in self._open.values())

    async def close(self) -> None:
        """End every turn in hand; each goes on where it was when somebody asks it to."""
        await asyncio.gather(*(one.stop() for one in self._open.values()))

    def _make_room(self) -> None:
        """Let go of the one that was left alone longest. One with a question stays as long as others will do."""
        if len(self._open) < MOST_OPEN:
            return
        idle = [one for one in self._open.values() if not one.working]
        if not idle:
            raise RunBusy(f"{MOST_OPEN} conversations are being answered; wait for one of them")
        del self._open[min(idle, key=lambda one: bool(one.question)).thread]
