"""The gate before a server that sleeps: requests of any process pass while it is open, and nobody is inside while shut.

    HOME/servers/…/door.lock      shared for the moment of stepping in; exclusive from "no more" to "come in"
                    inside.lock   shared by every process that has a request under way
                    asleep.json   there from just before the server is told to sleep until it is awake again

Locks, because the kernel gives back those of a killed process; a file beside them, because a server stays asleep when
the one who put it to sleep is killed.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from wunderkammer.core.errors import ServerDown
from wunderkammer.core.frozen import Frozen
from wunderkammer.core.whole import write_whole

Stage = Literal["falling", "asleep", "waking", "leased"]
"""falling: on its way. asleep: its GPU is anybody's. waking: it wants its GPU. leased: it has it, and is woken."""

ORPHAN_S = 30.0
"""How long a request waits for a sleeper whom nobody is going to wake, before it says so."""


class Sleep(Frozen):
    """What is known of a server's sleep."""

    stage: Stage
    level: int
    since: float
    """Seconds since the epoch."""


class Gate:
    """One process's hands on the gate of a server. Any number may be made of one folder."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._url = url
        self._inside = 0
        self._in = -1
        self._door = -1

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Be inside for the length of the block: the server is awake when it begins and until it has ended.

        Raises:
            ServerDown: it sleeps, and whoever put it to sleep is gone.
        """
        pause, orphan_since = 0.01, 0.0
        while not self._step_in():
            if self._orphaned():
                orphan_since = orphan_since or time.monotonic()
                if time.monotonic() - orphan_since > ORPHAN_S:
                    raise ServerDown(
                        f"{self._url} sleeps, and whoever put it to sleep is gone: resume what trained, or restart it"
                    )
            else:
                orphan_since = 0.0
            await asyncio.sleep(pause)
            pause = min(0.25, 2 * pause)
        try:
            yield
        finally:
            self._step_out()

    async def shut(self) -> None:
        """Let nobody in any more, and wait until everybody is out. Another who has shut it is waited for."""
        await until(self.try_shut)
        inside = _open(self.folder / "inside.lock")
        try:
            await until(lambda: _lock(inside, fcntl.LOCK_EX))
        except BaseException:  # being cancelled too: a door that stays shut would stop everybody
            self.reopen()
            raise
        finally:
            os.close(inside)  # nobody can come in: the door is shut

    def try_shut(self) -> bool:
        """Let nobody in any more, without waiting for those inside; False where somebody else has shut it."""
        if self._door >= 0:
            return False
        door = _open(self.folder / "door.lock")
        if not _lock(door, fcntl.LOCK_EX):
            os.close(door)
            return False
        self._door = door
        return True

    def reopen(self) -> None:
        """Let requests in again, if it was us who shut it."""
        if self._door >= 0:
            os.close(self._door)
            self._door = -1

    async def a_while(self) -> None:
        """Between two looks at what somebody else is doing."""
        await asyncio.sleep(0.1)

    @property
    def ours(self) -> bool:
        """Whether it is us who shut it."""
        return self._door >= 0

    @property
    def sleep(self) -> Sleep | None:
        """How the server sleeps; None: it is awake."""
        try:
            return Sleep.model_validate_json((self.folder / "asleep.json").read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError:  # of another version of ours
            return Sleep(stage="asleep", level=1, since=0.0)

    def note(self, sleep: Sleep | None) -> None:
        """Write down how the server sleeps, in one piece. By whoever has shut the gate, or keeps the server."""
        file = self.folder / "asleep.json"
        if sleep is None:
            file.unlink(missing_ok=True)
            return
        write_whole(file, sleep.model_dump_json())

    def _step_in(self) -> bool:
        door = _open(self.folder / "door.lock")
        try:
            if not _lock(door, fcntl.LOCK_SH) or (self.folder / "asleep.json").exists():
                return False
            if self._inside == 0:
                self._in = _open(self.folder / "inside.lock")
                _lock(self._in, fcntl.LOCK_SH)  # cannot fail: only who has shut the door takes it for himself
            self._inside += 1
            return True
        finally:
            os.close(door)

    def _step_out(self) -> None:
        self._inside -= 1
        if self._inside == 0:
            os.close(self._in)
            self._in = -1

    def _orphaned(self) -> bool:
        """Whether the server sleeps while the door is nobody's."""
        door = _open(self.folder / "door.lock")
        try:
            return _lock(door, fcntl.LOCK_SH) and (self.folder / "asleep.json").exists()
        finally:
            os.close(door)


async def until(true: Callable[[], bool], every: float = 0.02) -> None:
    """Return when something is so that nobody tells us of: a lock of another process."""
    while True:
        if true():
            return
        await asyncio.sleep(every)


def _open(file: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as fault:
        raise ServerDown(f"{file}: {fault.strerror}") from None


def _lock(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
