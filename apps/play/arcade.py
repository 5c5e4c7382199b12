"""Games that are being played, each by whoever knows its name: only so many, and none that everybody has left."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from wunderkammer.apps.play.child import Child
from wunderkammer.core.errors import ConfigError, RunBusy
from wunderkammer.core.play import Cartridge

MOST = 3
"""Each is a process with a model in memory."""
IDLE_S = 600.0
LOOK_S = 15.0
Begins = Callable[[Cartridge], Awaitable[Child]]


@dataclass
class Booth:
    """One game."""

    cartridge: Cartridge
    game: Child
    used: float


@dataclass
class Arcade:
    """begins: starts a game. idle_s: how long one stays of which nobody wants anything."""

    begins: Begins
    most: int = MOST
    idle_s: float = IDLE_S
    clock: Callable[[], float] = time.monotonic
    _booths: dict[str, Booth] = field(default_factory=dict)
    _coming: int = 0
    _watch: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._booths) + self._coming

    async def open(self, cartridge: Cartridge) -> tuple[str, Child]:
        """Begin a game; its name, which nobody guesses. `RunBusy` where there are too many."""
        await self.sweep()
        if len(self) >= self.most:
            raise RunBusy(f"{self.most} games are being played already; end one of them, or wait a few minutes")
        self._coming += 1
        try:
            game = await self.begins(cartridge)
        finally:
            self._coming -= 1
        name = secrets.token_urlsafe(12)
        self._booths[name] = Booth(cartridge, game, self.clock())
        if self._watch is None:
            self._watch = asyncio.create_task(self._keep_watch(), name="arcade")
        return name, game

    def game(self, name: str) -> Child:
        """The game of this name; `ConfigError` where it is over."""
        booth = self._booths.get(name)
        if booth is None:
            raise ConfigError("this game is over: begin it again")
        booth.used = self.clock()
        return booth.game

    async def end(self, name: str) -> None:
        """End a game; nothing happens where it is over."""
        booth = self._booths.pop(name, None)
        if booth is not None:
            await booth.game.close()

    async def sweep(self) -> None:
        """End what nobody plays any more, and what has ended by itself."""
        now = self.clock()
        left = [name for name, one in self._booths.items() if one.game.over or now - one.used > self.idle_s]
        await asyncio.gather(*map(self.end, left))

    async def close(self) -> None:
        """End them all."""
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        await asyncio.gather(*map(self.end, list(self._booths)))

    async def _keep_watch(self) -> None:
        while True:
            await asyncio.sleep(min(LOOK_S, self.idle_s))
            await self.sweep()
