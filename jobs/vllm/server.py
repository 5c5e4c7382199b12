"""vLLM as a server under our control: started or joined, mended when it dies, asleep while its GPU trains."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from wunderkammer.core.errors import ConfigError, ServerDown, WunderError
from wunderkammer.core.serving import Adapter
from wunderkammer.core.settings import Settings
from wunderkammer.jobs.devices import Device, devices
from wunderkammer.jobs.vllm.engine import Engine
from wunderkammer.jobs.vllm.gate import Gate, Sleep, until
from wunderkammer.jobs.vllm.host import Host
from wunderkammer.jobs.vllm.shelf import Shelf, base_of

log = logging.getLogger(__name__)

WATCH = 2.0
"""Seconds between two looks at whether the server lives and has its adapters."""
FOREIGN_S = 10.0
"""How long somebody may listen at our port without being well before it is called a stranger."""
LINGER_S = 60.0
"""Seconds that a server stays without users: it takes a minute or more to start another."""


class Vllm:
    """One user's hold on one server of the settings, `Serves`.

    Any number of holds in any number of processes of one home share the server, its gate and what it has loaded. The
    death of a user frees its hold; the death of the server is mended by whoever holds it.

    Adapters are served as NAME@HASH8, so that two versions are two models to whoever asks, records or remembers, and
    an answer of the old one is never taken for one of the new.
    """

    def __init__(
        self,
        settings: Settings,
        name: str,
        *,
        base: str | None = None,
        tell: Callable[[str], None] = log.warning,
        linger: float = LINGER_S,
        machine: Callable[[], Sequence[Device]] = devices,
    ) -> None:
        """name: of a server with a section [servers.NAME.vllm]. base: hash of the weights that it serves, where they
        are not a folder that can be looked at from here. tell: hears what a user should know and need not mend.
        linger: seconds that a server of ours stays without users. machine: the GPUs that there are."""
        server = settings.server(name)
        if server.vllm is None:
            raise ConfigError(f"server {name!r} is not ours to control: give it a section [servers.{name}.vllm]")
        secret = settings.secret(server)
        self.name = name
        self.url = server.url
        self._vllm = server.vllm
        self._ours = server.vllm.model is not None
        self._host = Host(settings, name, server.vllm, linger, machine)
        self._engine = Engine(self.url, secret.get_secret_value() if secret else None)
        self._gate = Gate(self._host.folder.path, self.url)
        self._shelf = Shelf(self._host.folder)
        self._base = base
        self._tell = tell
        self._turn = asyncio.Lock()
        self._care = asyncio.Lock()
        """Of the gate: held by who mends, wakes or puts to sleep, so that a gate of ours outside it is our sleep."""
        self._watcher: asyncio.Task[None] | None = None
        self._sleeps: bool | None = None

    # ---- what it serves

    async def open(self) -> str:
        """The address, once the server is awake and has every adapter that was loaded.

        Raises:
            ConfigError: it does not start, with the reason from its log.
            ServerDown: nobody answers, or not in time.
        """
        async with self._turn:
            await asyncio.to_thread(self._host.enter)
            while not await self._mended():
                if self._gate.ours:
                    break  # our own sleep: an address is no request
                await self._gate.a_while()  # somebody else mends it, or a GPU trains
            if self._watcher is None or self._watcher.done():
                self._watcher = asyncio.create_task(self._watch(), name=f"watch of {self.name}")
        return self.url

    async def load(self, adapter: Adapter) -> str:
        """Serve an adapter: `SERVER#NAME@HASH8`. Requests to the version before are answered to their end."""
        await self._check(adapter)
        async with self._gate.passing():
            served = {model.id: model.root for model in await self._engine.models() if model.parent is not None}
            if served.get(adapter.label) != str(adapter.folder):
                # In place: another user may be loading the same one at this moment, which is no fault of either.
                await self._engine.load(adapter.label, adapter.folder, in_place=True)
            for label in self._shelf.put(adapter):
                await self._engine.unload(label)
        return f"{self.name}#{adapter.label}"

    async def unload(self, name: str) -> None:
        async with self._gate.passing():
            for label in self._shelf.take(name):
                await self._engine.unload(label)

    async def loaded(self) -> tuple[str, ...]:
        """Names, without their versions, that the server lists."""
        listed = {model.id for model in await self._engine.models()}
        return tuple(sorted(adapter.name for adapter in self._shelf.all() if adapter.label in listed))

    def passing(self) -> AbstractAsyncContextManager[None]:
        """A block in which the server is awake; see `wunderkammer.core.serving.Passing`."""
        return self._gate.passing()

    async def close(self) -> None:
        """Give up the hold. A sleep that was ours is left to whoever opens the server next."""
        async with self._turn:
            if self._watcher is not None:
                self._watcher.cancel()
                await asyncio.gather(self._watcher, return_exceptions=True)
                self._watcher = None
            self._gate.reopen()
            await asyncio.to_thread(self._host.leave)
            await self._engine.close()

    async def _check(self, adapter: Adapter) -> None:
        """vLLM takes an adapter of other shapes without a word, and answers nonsense, or as if it were not there."""
        if adapter.rank > self._vllm.max_lora_rank:
            raise ConfigError(
                f"adapter {adapter.label} has rank {adapter.rank}, and {self.name} was started for "
                f"{self._vllm.max_lora_rank} at most: raise max_lora_rank in [servers.{self.name}.vllm]"
            )
        root = next((model.root for model in await self._engine.models() if model.parent is None), None) or ""
        base = self._base or await asyncio.to_thread(base_of, root)
        if base is None:
            self._tell(f"nobody checked that {adapter.label} fits {root}, which {self.name} serves from elsewhere")
        elif base != adapter.base:
            raise ConfigError(
                f"adapter {adapter.label} belongs to base {adapter.base[:12]}, {self.name} serves {base[:12]}"
            )

    # ---- sleep

    async def sleep(self) -> None:
        """Free the GPU once every request under way is answered. From now on whoever asks waits, in any process."""
        async with self._care:
            if not self._gate.ours and await self._can_sleep():
                await self._fall_asleep()

    async def _fall_asleep(self) -> None:
        await self._gate.shut()
        if self._gate.sleep is not None:  # whoever put it to sleep is gone: it is our sleep now
            return
        sleep = Sleep(stage="falling", level=self._vllm.sleep, since=time.time())
        self._gate.note(sleep)
        try:
            await self._engine.sleep(sleep.level)
        except BaseException:  # being cancelled too
            self._gate.reopen()  # it may sleep or not: the next to look after it finds out, and wakes it
            raise
        self._gate.note(sleep.model_copy(update={"stage": "asleep"}))

    async def wake(self) -> None:
        """Take the GPU back, as soon as nobody else has it, and let requests in. One that died asleep is started."""
        async with self._care:
            if not self._gate.ours and self._gate.sleep is None:
                return
            if self._gate.ours or self._gate.try_shut():
                await self._rouse()
                return
        async with self._gate.passing():  # somebody else's sleep, who will wake it
            return

    async def _can_sleep(self) -> bool:
        if self._sleeps is None:
            self._sleeps = self._vllm.sleep > 0 and await self._engine.can_sleep()
        if not self._sleeps:
            self._tell(f"{self.url} stays awake: {self._why_awake()}")
        return self._sleeps

    def _why_awake(self) -> str:
        if self._vllm.sleep == 0:
            return "sleep = 0 in its settings"
        if self._ours and not self._vllm.gpus:
            return "on the CPU there is nothing to free"
        return "it was started without --enable-sleep-mode or VLLM_SERVER_DEV_MODE=1"

    async def _rouse(self) -> None:
        """The server up and awake, its GPU in hand, its adapters loaded, behind a gate that we have shut and open."""
        try:
            await self._revive()
        finally:
            self._gate.reopen()

    async def _revive(self) -> None:
        sleep = self._gate.sleep
        if sleep is not None and await self._alive():
            await self._lease_again(sleep)
            try:
                if sleep.stage == "asleep" or await self._engine.asleep():
                    await self._engine.wake(sleep.level)
            except ServerDown:
                log.info("%s died in its sleep", self.url)  # another is started now
        await self._until_healthy()
        self._gate.note(None)
        # What became of adapters in a sleep is not promised by anybody; loading them again takes a tenth of a second.
        for adapter in self._shelf.all() if sleep is not None else await self._lacks():
            await self._engine.load(adapter.label, adapter.folder, in_place=True)

    async def _lease_again(self, sleep: Sleep) -> None:
        """Have the keeper take the GPU again; where there is none of ours, wait until no job has it."""
        if not self._ours:
            await until(lambda: not self._host.trained_on(), 0.25)
            return
        self._gate.note(sleep.model_copy(update={"stage": "waking"}))
        while (now := self._gate.sleep) is not None and now.stage != "leased":
            if not await asyncio.to_thread(self._host.kept):
                return
            await asyncio.sleep(0.05)

    # ---- life and death

    async def _watch(self) -> None:
        """Mend the server when it died or lost its adapters. A start that fails ends the watch: `open` tells why."""
        while True:
            await asyncio.sleep(WATCH)
            try:
                await self._mended()
            except ConfigError as fault:
                self._tell(str(fault))
                return
            except (WunderError, OSError) as fault:
                self._tell(str(fault))

    async def _mended(self) -> bool:
        """Whether the server lives, is awake and has its adapters, after doing what was missing; requests wait
        meanwhile. False where that is somebody else's to do: another process is at it, or a job has the GPU."""
        async with self._care:
            if self._gate.ours:
                return False
            if self._gate.sleep is None and await self._well():
                return True
            if self._gate.sleep is not None and await asyncio.to_thread(self._host.trained_on):
                return False
            if not self._gate.try_shut():
                return False
            await self._rouse()
            return True

    async def _well(self) -> bool:
        try:
            return await self._engine.healthy() and not await self._lacks()
        except ServerDown:  # between the two questions
            return False

    async def _lacks(self) -> tuple[Adapter, ...]:
        """Adapters that were loaded, and that the server does not list: it was started anew."""
        wanted = tuple(adapter for adapter in self._shelf.all() if adapter.folder.is_dir())
        listed = {model.id for model in await self._engine.models()} if wanted else set()
        return tuple(adapter for adapter in wanted if adapter.label not in listed)

    async def _alive(self) -> bool:
        """Whether there is somebody to talk to, now or soon."""
        return await self._engine.listens() or (self._ours and await asyncio.to_thread(self._host.kept))

    async def _until_healthy(self) -> None:
        """Start the server where it is ours and dead, and wait until it answers."""
        began, started = time.monotonic(), False
        while not await self._engine.healthy():
            waited = time.monotonic() - began
            if waited > self._vllm.start_s:
                raise ServerDown(f"{self.url}: not up after {waited:.0f} s (start_s); see {self._host.folder.log}")
            if await self._alive():
                if waited > FOREIGN_S and self._ours and not await asyncio.to_thread(self._host.kept):
                    raise ConfigError(f"port {self._vllm.port} is taken by something else; choose another `port`")
            elif not self._ours:
                await self._others(waited)
            elif started:
                raise ConfigError(await asyncio.to_thread(self._host.why))
            else:
                started = True
                await asyncio.to_thread(self._host.start)
            await asyncio.sleep(0.25)

    async def _others(self, waited: float) -> None:
        """Nobody listens where somebody else's server should: at first a fault, later it may be starting again."""
        if self._watcher is None:
            raise ServerDown(f"{self.url}: nobody answers; start that server, or name a model for us to start")
        if waited < WATCH:
            self._tell(f"{self.url} does not answer; waiting up to {self._vllm.start_s:.0f} s for it to come back")
        await asyncio.sleep(WATCH)
