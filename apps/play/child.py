"""A game in a process of its own, asked by lines; the terminal and the web play by the same."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from pydantic import ValidationError

from wunderkammer.core.errors import ConfigError, WunderError
from wunderkammer.core.play import Asked, Cartridge, Clip, Rules, Scene, Told
from wunderkammer.core.settings import Settings
from wunderkammer.jobs.dispatching import library, own_paths
from wunderkammer.jobs.environments import python_of
from wunderkammer.jobs.surroundings import clean

MOST_LINE = 64 * 2**20
"""Bytes of one answer: a clip of a long game."""
GRACE_S = 5.0
"""What a game may take to end by itself when nobody asks any more."""
READY_S = 300.0
ANSWER_S = 120.0
"""A world that is loaded, or thinks of a frame, on a machine that does other things besides."""
MOST_SAID = 20
T = TypeVar("T")


class Ended(WunderError):
    """The game's process is no more."""


class Child:
    """A `Game` played by a process. One question at a time: whoever asks meanwhile waits for his turn."""

    rules: Rules

    def __init__(self, process: asyncio.subprocess.Process, answer_s: float) -> None:
        self._process = process
        self._answer_s = answer_s
        self._turn = asyncio.Lock()
        self._said: deque[str] = deque(maxlen=MOST_SAID)
        self._hearing = asyncio.create_task(self._hear())

    async def start(self, prompt: bytes | None = None, example: int = 0) -> Scene:
        return _scene(await self._ask(Asked(do="start", prompt=prompt, number=0 if prompt else example)))

    async def example(self, number: int) -> bytes:
        told = await self._ask(Asked(do="example", number=number))
        return _there(told.picture)

    async def step(self, action: int) -> Scene:
        return _scene(await self._ask(Asked(do="step", number=action)))

    async def undo(self) -> Scene:
        return _scene(await self._ask(Asked(do="undo")))

    async def save(self) -> Clip:
        return _there((await self._ask(Asked(do="save"))).clip)

    @property
    def over(self) -> bool:
        return self._process.returncode is not None

    async def ready(self, seconds: float) -> None:
        """Wait for its rules."""
        self.rules = _there((await self._told(seconds)).rules)

    async def close(self) -> None:
        """End it, with all that it started."""
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), GRACE_S)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await self._hearing

    async def _ask(self, asked: Asked) -> Told:
        async with self._turn:
            if self.over:
                raise self._end()
            assert self._process.stdin is not None
            with suppress(ConnectionError):  # that it is gone is found when its answer does not come
                self._process.stdin.write(asked.model_dump_json(exclude_none=True).encode() + b"\n")
                await self._process.stdin.drain()
            told = await self._told(self._answer_s)
        if told.fault is not None:
            raise WunderError(told.fault)
        return told

    async def _told(self, seconds: float) -> Told:
        assert self._process.stdout is not None
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), seconds)
            if line:
                return Told.model_validate_json(line)
        except TimeoutError:
            self._kill()
            raise Ended(f"the game did not answer within {seconds:g} s and was ended; begin it again") from None
        except asyncio.CancelledError:  # its answer would be taken for that of the next question
            self._kill()
            raise
        except (ValidationError, ValueError):  # no such line, or one that is too long
            self._kill()
            raise Ended("the game's process says what no game says; it was ended") from None
        await self._process.wait()
        raise self._end()

    def _end(self) -> Ended:
        last = self._said[-1] if self._said else f"with code {self._process.returncode}"
        return Ended(f"the game has ended: {last[:300]}")

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _hear(self) -> None:
        """Take what it writes to standard error, so that it never waits for us; the last lines say why it ended."""
        assert self._process.stderr is not None
        while data := await self._process.stderr.read(65_536):
            self._said.extend(line for line in data.decode("utf-8", "replace").splitlines() if line.strip())


@asynccontextmanager
async def playing(cartridge: Cartridge, settings: Settings, *, answer_s: float = ANSWER_S) -> AsyncIterator[Child]:
    """A game for the length of the block."""
    found = await begin(cartridge, settings, answer_s=answer_s)
    try:
        yield found
    finally:
        await asyncio.shield(found.close())


async def begin(cartridge: Cartridge, settings: Settings, *, answer_s: float = ANSWER_S) -> Child:
    """Start a game's process and wait until it is there; `Ended` says why it never was. To be closed."""
    hidden = tuple(one.key_env for one in settings.servers.values() if one.key_env)
    python = python_of(settings, cartridge.environment)
    paths = (library(settings.home.resolve() / "jobs"), *own_paths(cartridge.module, not cartridge.environment))
    surroundings = {
        **clean(hidden),
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "CUDA_VISIBLE_DEVICES": "",  # GPUs are leased to jobs; a game is played without
    }
    process = await asyncio.create_subprocess_exec(
        str(python),
        *("-P", "-m", cartridge.module, *cartridge.args, *_others(cartridge, settings)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=MOST_LINE,
        env=surroundings,
        start_new_session=True,  # so that it ends with all that it started, and not by a Ctrl-C meant for us
    )
    found = Child(process, answer_s)
    try:
        await found.ready(READY_S)
    except BaseException:  # a cancelled start too: its process must not outlive it
        await asyncio.shield(found.close())
        raise
    return found


def _others(cartridge: Cartridge, settings: Settings) -> list[str]:
    """Where further environments lie; one that was never made is passed over: the game says what is missing for it."""
    found = []
    for name in cartridge.also:
        with suppress(ConfigError):
            found += ["--python", f"{name}={python_of(settings, name)}"]
    return found


def _scene(told: Told) -> Scene:
    return _there(told.scene)


def _there(found: T | None) -> T:
    """What an answer has to hold."""
    if found is None:
        raise Ended("the game's process answers something else than it was asked")
    return found
