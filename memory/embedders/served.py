"""An embedder that asks a server: the gateway's asynchronous call, behind the blocking face that all embedders have."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import BadReply

Ask: TypeAlias = Callable[[Sequence[str]], Awaitable[Sequence[Sequence[float]]]]
"""Texts to vectors, one each, as the server gives them; raises `ModelError`."""


class Served:
    """Vectors from an `Ask`, which runs on the event loop that made this object."""

    def __init__(self, name: str, dimension: int, ask: Ask, loop: asyncio.AbstractEventLoop) -> None:
        self.name = name
        self.dimension = dimension
        self._ask = ask
        self._loop = loop

    @classmethod
    async def connect(cls, name: str, ask: Ask) -> Served:
        """Learn the dimension by embedding one word."""
        probe = _unit(await ask(["cabinet"]), expected=1)
        return cls(f"served-{name}", probe.shape[1], ask, asyncio.get_running_loop())

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimension).

        Must be called from a thread other than the event loop's. Raises `ModelError` as the server does, and
        `BadReply` for vectors of another number or length.
        """
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        if _running_loop() is self._loop:
            raise RuntimeError("Served.embed would wait for its own event loop: call it by asyncio.to_thread")
        reply = asyncio.run_coroutine_threadsafe(self._reply(texts), self._loop).result()
        vectors = _unit(reply, expected=len(texts))
        if vectors.shape[1] != self.dimension:
            raise BadReply(f"{self.name} gave vectors of {vectors.shape[1]} numbers after {self.dimension} before")
        return vectors

    async def _reply(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return await self._ask(texts)


def _unit(reply: Sequence[Sequence[float]], expected: int) -> NDArray[np.float32]:
    if len(reply) != expected or len({len(row) for row in reply}) != 1 or not len(reply[0]):
        raise BadReply(f"the embedder gave {len(reply)} vectors, perhaps of different lengths, for {expected} texts")
    rows = np.asarray(reply, np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise BadReply("the embedder gave a vector without a direction (zero, or not finite)")
    return np.asarray(rows / lengths, np.float32)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
