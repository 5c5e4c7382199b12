"""The vector memory of an installation, opened for whoever searches or draws it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from wunderkammer.core.settings import Settings
from wunderkammer.memory.ledger import Ledger

if TYPE_CHECKING:
    from wunderkammer.memory.vectors import Vectors


@asynccontextmanager
async def memory_of(settings: Settings, ledger: Ledger, *, held: bool = True) -> AsyncIterator[Vectors]:
    """The vectors; a served embedder is asked through a gateway of its own. held: as `Vectors.open` has it."""
    from wunderkammer.memory.embedders import choose
    from wunderkammer.memory.vectors import Vectors

    async with AsyncExitStack() as stack:
        ask = None
        if settings.embedder == "server":
            from wunderkammer.apps.rehearing import gateway_of

            ask = (await stack.enter_async_context(gateway_of(settings, ledger))).embed
        vectors = await Vectors.open(settings, await choose(settings, ask), held=held)
        stack.push_async_callback(vectors.close)
        yield vectors
