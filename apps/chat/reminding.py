"""Which thread a client means that repeats the whole conversation with every message, as OpenAI's protocol has it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence

from wunderkammer.apps.chat.conversation import Conversation
from wunderkammer.apps.chat.threads import Threads
from wunderkammer.core.ids import content_id
from wunderkammer.memory import sayings

Record = Sequence[tuple[str, str]]
"""Speakers (`user`, `assistant`) and their words."""
PREFIX = "v1-"
"""Before the name of a thread that was begun so."""


async def reminded(threads: Threads, record: Record) -> Conversation:
    """The conversation in which all of this was said, ready for what comes next.

    Where we said it ourselves, word for word, its thread goes on; from the same place but in a thread of its own where
    something else was said there since. A record that we do not know begins a thread in which it is a stranger's text.
    """
    if not record:
        return await threads.open(_new(), "api")
    found = await asyncio.to_thread(sayings.marked, threads.parlour.office.ledger, key_of(record))
    if found is None:
        fresh = await threads.open(_new(), "api")
        await fresh.session.begin_with(record)
        return fresh
    thread, mark = found
    known = await threads.open(thread, "api")
    if known.turn in ("", mark["turn"]) and await known.session.place() == mark["place"]:
        return known
    fresh = await threads.open(_new(), "api")
    if mark["place"]:
        await fresh.session.branch(thread, mark["place"])
    return fresh


async def remember(conversation: Conversation, record: Record) -> None:
    """Note that the conversation has come to where all of this was said."""
    place = await conversation.session.place()
    conversation.mark(key_of(record), {"place": place, "turn": conversation.turn})
    await conversation.session.settle()


def key_of(record: Record) -> str:
    """The same for the same words, whatever spaces stand between them."""
    return content_id("record", [(speaker, " ".join(words.split())) for speaker, words in record])


def _new() -> str:
    return PREFIX + uuid.uuid4().hex[:16]
