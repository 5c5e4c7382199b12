"""How texts become unit vectors: `MiniLM` (a wheel), `Hashed` (nothing at all) or `Served` (a server)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.memory.embedders.hashed import Hashed
from wunderkammer.memory.embedders.minilm import MiniLM
from wunderkammer.memory.embedders.served import Ask, Served

__all__ = ["Ask", "Embedder", "Floats", "Hashed", "MiniLM", "Served", "choose"]

Floats: TypeAlias = NDArray[np.float32]


class Embedder(Protocol):
    """Gives texts places on the unit sphere, the same text always the same place."""

    @property
    def name(self) -> str:
        """Names model and version; vectors of different names must not be compared."""
        ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Floats:
        """Unit vectors, shape (len(texts), dimension). Blocks: call it by `asyncio.to_thread`."""
        ...


async def choose(settings: Settings, ask: Ask | None = None) -> Embedder:
    """The embedder that `settings.embedder` names.

    ask: the gateway's embedding call, needed for `server` alone. Raises `ConfigError` where the choice cannot be had.
    """
    match settings.embedder:
        case "server":
            if ask is None:
                raise ConfigError('embedder = "server" needs a model in the role `embedder`: add [roles.embedder]')
            seat = settings.role("embedder")
            return await Served.connect(f"{seat.server}/{seat.model}", ask)
        case "minilm":
            return MiniLM()
        case "hashed":
            return Hashed()
        case "auto":
            return MiniLM() if MiniLM.installed() else Hashed()
