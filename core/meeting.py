"""Where the users of a server of ours and the server itself meet: a few files, and locks that die with their owner.

    HOME/servers/IDENTITY/
        gate.lock       held for a moment by whoever looks at, starts or ends the server
        server.lock     held by the server for as long as it lives
        state.json      where it listens; written by the server once it does
        users/*.lock    one per user, held for as long as the user lives
        log.txt         what the server has to say

The kernel releases the locks of a process that is killed, so nobody has to guess from a process id who is alive.
Everything but holding a lock happens behind the gate: a user that has just come in cannot meet a server that is just
going out.
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from filelock import BaseFileLock, FileLock, Timeout
from pydantic import ValidationError

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.frozen import Frozen
from wunderkammer.core.whole import write_whole

POLL = 1.0
"""Seconds between two looks at who is still here."""


class State(Frozen):
    """What a living server says about itself."""

    pid: int
    url: str
    """http://host:port, without /v1."""
    model: str
    started: float
    """Seconds since the epoch."""

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@dataclass(frozen=True)
class Folder:
    """The meeting place of one server."""

    path: Path

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def users(self) -> Path:
        return self.path / "users"

    def prepare(self) -> None:
        """Make the folders; `ConfigError` where that cannot be."""
        try:
            self.users.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise ConfigError(f"{self.users}: {fault.strerror}; set `home` to a folder of yours") from None

    def gate(self) -> BaseFileLock:
        return _lock(self.path / "gate.lock")

    def server(self) -> BaseFileLock:
        return _lock(self.path / "server.lock")

    def seat(self) -> Seat:
        """For one more user."""
        return Seat(_lock(self.users / f"{uuid4().hex}.lock"))

    def alive(self) -> bool:
        """Whether a server lives here, be it still starting. To be called behind the gate."""
        return held(self.server())

    def in_use(self) -> bool:
        """Whether any user lives; clears away what dead ones left. To be called behind the gate."""
        used = False
        for file in self.users.glob("*.lock"):
            if held(_lock(file)):
                used = True
            else:
                file.unlink(missing_ok=True)
        return used

    def state(self) -> State | None:
        """What the server wrote last; says nothing about whether it is alive."""
        try:
            return State.model_validate_json((self.path / "state.json").read_bytes())
        except (FileNotFoundError, ValidationError):  # not yet there, or of an older version
            return None

    def forget(self) -> State | None:
        """Take away the state of a server that is no more, and return it. To be called behind the gate.

        Since this happens before every start, the state that a living server's folder has is that server's own.
        """
        state = self.state()
        (self.path / "state.json").unlink(missing_ok=True)
        return state

    def publish(self, state: State) -> None:
        """Write the state in one piece."""
        write_whole(self.path / "state.json", state.model_dump_json())


class Seat:
    """One user's claim on a server. May be taken and left again and again."""

    def __init__(self, lock: BaseFileLock) -> None:
        self._lock = lock

    @property
    def taken(self) -> bool:
        return self._lock.is_locked

    def take(self) -> None:
        """To be called behind the gate."""
        if not self.taken:
            self._lock.acquire(timeout=5)

    def leave(self) -> None:
        """The server may end, unless others sit here."""
        if self.taken:
            self._lock.release()
            Path(self._lock.lock_file).unlink(missing_ok=True)


def wait_until_unused(folder: Folder, linger: float, poll: float = POLL) -> AbstractContextManager[object]:
    """Wait until nobody has used the folder for `linger` seconds, or until it was deleted; return the closed gate."""
    gate = folder.gate()
    unused_since = time.monotonic()
    while True:
        time.sleep(poll)
        if not folder.users.is_dir():
            return nullcontext()
        try:
            gate.acquire(timeout=0)
        except Timeout:  # somebody is coming in
            unused_since = time.monotonic()
            continue
        if folder.in_use():
            unused_since = time.monotonic()
        elif time.monotonic() - unused_since >= linger:
            return gate  # still held: whoever comes now waits until this process is gone
        gate.release()


def _lock(file: Path) -> BaseFileLock:
    # Taken in one thread and released in another; a "soft" lock would outlive a killed owner, so none is accepted.
    return FileLock(file, thread_local=False, fallback_to_soft=False)


def held(lock: BaseFileLock) -> bool:
    """Whether somebody holds a lock; takes it for a moment where nobody does."""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False
