"""One who listens to the live stream: what waits for them, and how it is told that some of it was dropped."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field

MOST_WAITING = 128 * 1024
"""Bytes that may wait for one listener. Who is slower than that is told of a gap, and asks for the whole again."""


class Over(Exception):
    """The stream has ended."""


@dataclass(eq=False)
class Listener:
    """run: whose events it wants; None: how all runs come on."""

    run: str | None
    _waiting: deque[bytes] = field(default_factory=deque)
    _size: int = 0
    _ready: asyncio.Event = field(default_factory=asyncio.Event)
    _over: bool = False
    gaps: int = 0

    def give(self, part: bytes, last: int) -> None:
        """Put a part of the stream before it. last: number of the latest event in it.

        Where too much waits already, all of it is dropped, and a `gap` stands in its place.
        """
        if self._size + len(part) > MOST_WAITING:
            self._waiting.clear()
            self.gaps += 1
            part = message("gap", {"after": last}, last)
            self._size = 0
        self._waiting.append(part)
        self._size += len(part)
        self._ready.set()

    async def take(self) -> bytes:
        """All that waits, in one piece; waits for some. `Over` where there will be no more."""
        await self._ready.wait()
        if not self._waiting:
            raise Over
        whole = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        if not self._over:
            self._ready.clear()
        return whole

    def end(self) -> None:
        """Let it take what waits, and no more."""
        self._over = True
        self._ready.set()


def message(name: str, data: object, number: int | None = None) -> bytes:
    """A server-sent event. ASCII: no line end of a model's can end the event early."""
    words = json.dumps(data, separators=(",", ":"))
    if "NaN" in words or "Infinity" in words:  # which JSON does not have; in a text they stay
        words = json.dumps(json.loads(words, parse_constant=lambda _: None), separators=(",", ":"))
    mark = "" if number is None else f"id: {number}\n"
    return f"{mark}event: {name}\ndata: {words}\n\n".encode("ascii")
