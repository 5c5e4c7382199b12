"""A hold on the embedded server: started by its first user, shared by all, mended when it dies, gone with the last."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import Timeout

from wunderkammer.core.errors import ConfigError, ServerDown, WunderError
from wunderkammer.core.meeting import Folder, State
from wunderkammer.core.serving import Adapter
from wunderkammer.core.settings import Settings
from wunderkammer.models.embedded_model import identity, model_file
from wunderkammer.models.embedded_server import OCCUPIED
from wunderkammer.models.seats import OpenEmbedded

START_SECONDS = 180.0
"""How long a model may take to load; SmolLM2-135M takes one or two."""
DEAF_SECONDS = 3.0
"""How long a living server may refuse connections before it is ended."""
WATCH = 2.0
"""Seconds between two looks at whether the server lives."""


class Embedded:
    """One user's hold. Any number of holds, in any number of processes, share a server per home and model file.

    A hold survives the death of the server: it is started again on its old port within a few seconds, or at once by
    `open`. The death of a user, however it dies, frees its seat.
    """

    def __init__(
        self, settings: Settings, *, adapters: tuple[Path, ...] = (), alias: str = "", linger: float = 10.0
    ) -> None:
        """`ConfigError` with the command to install where a package or a file is missing.

        adapters: GGUF LoRA files to load beside the model; all of them act on every request that does not choose.
        alias: name of the model in the server's list; empty: that of its file. linger: seconds that the server stays
        without users.
        """
        self.model = model_file(settings)
        self.alias = alias or self.model.stem
        self.adapters = tuple(file.resolve() for file in adapters)
        missing = [str(file) for file in self.adapters if not file.is_file()]
        if missing:
            raise ConfigError(f"no such adapter: {', '.join(missing)}")
        self.folder = Folder(settings.home.resolve() / "servers" / identity(self.model, self.adapters))
        self.threads = settings.embedded_threads
        self.linger = linger
        self._seat = self.folder.seat()
        self._watcher: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> str:
        """The base address, ending in /v1, of a server that answers. Ask again whenever it does not.

        `ConfigError` where the server does not start, `ServerDown` where it takes too long.
        """
        async with self._opening:
            url = await asyncio.to_thread(self._enter)
            if self._watcher is None or self._watcher.done():
                self._watcher = asyncio.create_task(self._watch(), name="embedded server watch")
            return url

    async def close(self) -> None:
        """Give up the hold. The server ends some seconds later, unless others hold it."""
        async with self._opening:
            if self._watcher is not None:
                self._watcher.cancel()
                await asyncio.gather(self._watcher, return_exceptions=True)
                self._watcher = None
            await asyncio.to_thread(self._seat.leave)

    async def _watch(self) -> None:
        """Start the server again when it died. A start that fails ends the watch: the next `open` tells why."""
        while True:
            await asyncio.sleep(WATCH)
            try:
                await asyncio.to_thread(self._mend)
            except (WunderError, OSError):  # OSError: somebody deleted the folder
                return

    def _enter(self) -> str:
        """Take a seat, and see to it that somebody serves."""
        self.folder.prepare()
        try:
            gate = self.folder.gate().acquire(timeout=START_SECONDS + 10)
        except Timeout:
            raise ServerDown(f"another process is still starting the embedded server; see {self.folder.log}") from None
        with gate:
            self._seat.take()
            state = self._settled() or self._start()
        return f"{state.url}/v1"

    def _mend(self) -> None:
        """Start the server if it died and this hold still wants it."""
        try:
            with self.folder.gate().acquire(timeout=0):
                if self._seat.taken and not self.folder.alive():
                    self._start()
        except Timeout:  # somebody else is looking after it
            return

    def _settled(self) -> State | None:
        """The state of a living server that answers; None where there is none, or none any more."""
        began = time.monotonic()
        while self.folder.alive():
            state = self.folder.state()  # None: still starting for somebody who died, or just leaving
            if state is not None and _answers(state):
                return state
            waited = time.monotonic() - began
            if state is not None and waited > DEAF_SECONDS:
                os.kill(state.pid, signal.SIGTERM)  # it holds the lock and refuses connections: its HTTP side is gone
            if waited > START_SECONDS:
                raise ServerDown(f"the embedded server neither answers nor ends; see {self.folder.log}")
            time.sleep(0.05)
        return None

    def _start(self) -> State:
        """Start a server and wait until it listens."""
        before = self.folder.forget()
        with self.folder.log.open("wb") as log:
            child = subprocess.Popen(
                self._command(before.port if before else 0),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in one user's terminal is not meant for the others' server
            )
        # Waits for its end, so that no zombie remains. It may outlive this process: nothing waits for the thread.
        threading.Thread(target=child.wait, daemon=True, name="embedded server reaper").start()
        began = time.monotonic()
        while time.monotonic() - began < START_SECONDS:
            if (state := self.folder.state()) is not None:
                return state
            code = child.poll()
            if code is not None and code < 0:
                raise ServerDown(f"the embedded server was killed by signal {-code} while it started; is memory short?")
            if code not in (None, OCCUPIED):
                raise ConfigError(f"the embedded server did not start: {self._last_words()} (see {self.folder.log})")
            time.sleep(0.02)
        child.kill()
        raise ServerDown(f"the embedded server did not listen within {START_SECONDS:.0f} s; see {self.folder.log}")

    def _command(self, port: int) -> list[str]:
        command = [sys.executable, "-m", "wunderkammer.models.embedded_server", "--folder", str(self.folder.path)]
        command += ["--model", str(self.model), "--port", str(port), "--linger", str(self.linger)]
        command += ["--alias", self.alias]
        command += [word for file in self.adapters for word in ("--adapter", str(file))]
        return command if self.threads is None else [*command, "--threads", str(self.threads)]

    def _last_words(self) -> str:
        """The line of the log that says most: the first error, else the last line."""
        lines = [line.strip() for line in self.folder.log.read_text("utf-8", "replace").splitlines() if line.strip()]
        faults = [line.partition(" E ")[2].strip() for line in lines if " E " in line]
        return next(iter([*faults, *lines[-1:]]), "it said nothing")


def _answers(state: State) -> bool:
    """Whether somebody listens. One who is slow to answer does: a busy server is not a dead one."""
    connection = http.client.HTTPConnection("127.0.0.1", state.port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except TimeoutError:
        return True
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def with_adapter(settings: Settings, adapter: Adapter, *, linger: float = 10.0) -> Embedded:
    """A hold on a server of the embedded model with one adapter; `ConfigError` where it was not converted."""
    if adapter.gguf is None:
        raise ConfigError(
            f"adapter {adapter.label} has no GGUF, which the embedded server needs; convert and register it"
        )
    return Embedded(settings, adapters=(adapter.gguf,), alias=adapter.label, linger=linger)


@asynccontextmanager
async def on_demand(settings: Settings) -> AsyncIterator[OpenEmbedded]:
    """A call that opens the embedded server, bare or with an adapter, for whoever may never need it.

    Each adapter has a server of its own beside the bare one. What was opened is given up at the end.
    """
    holds: dict[str, Embedded] = {}

    async def open_embedded(adapter: Adapter | None = None) -> str:
        label = adapter.label if adapter is not None else ""
        if label not in holds:
            holds[label] = Embedded(settings) if adapter is None else with_adapter(settings, adapter)
        return await holds[label].open()

    try:
        yield open_embedded
    finally:
        await asyncio.gather(*(hold.close() for hold in holds.values()))
