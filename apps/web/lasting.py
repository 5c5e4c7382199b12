"""Answers that last as long as somebody listens: server-sent events, which end in good order when the server does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TypeVar

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent

from wunderkammer.apps.web.context import Web

PING_S = 15
PATIENCE_S = 20.0
"""How long a listener may take nothing before the line is cut."""
GRACE_S = 5
"""How long an answer that is being given may still take when the server ends."""
Part = TypeVar("Part")


def lasting(
    here: Web, parts: AsyncIterator[bytes | str | ServerSentEvent], headers: Mapping[str, str] | None = None
) -> EventSourceResponse:
    """Tell the parts as they come, until there are no more or the server ends: either way the answer is whole."""
    return EventSourceResponse(
        until(here.closing, parts),
        headers=headers,
        ping=PING_S,
        send_timeout=PATIENCE_S,
        sep="\n",
        shutdown_event=here.closing,
        shutdown_grace_period=GRACE_S,
    )


async def until(closing: anyio.Event, parts: AsyncIterator[Part]) -> AsyncIterator[Part]:
    """The parts, until the event is set; what makes them is closed in any case."""
    closed = asyncio.ensure_future(closing.wait())
    coming: asyncio.Future[Part] | None = None
    try:
        while not closing.is_set():
            coming = asyncio.ensure_future(anext(parts))
            await asyncio.wait((coming, closed), return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                return
            try:
                part = coming.result()
            except StopAsyncIteration:
                return
            yield part
    finally:
        rest = [one for one in (closed, coming) if one is not None and not one.done()]
        for one in rest:
            one.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await getattr(parts, "aclose", _nothing)()


async def _nothing() -> None:
    """What is no generator has nothing to close."""
