"""One process owns a run: a lock that the kernel releases when its holder dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from wunderkammer.core.errors import LedgerError, RunBusy


@contextmanager
def owning(home: Path, run: str) -> Iterator[None]:
    """Own a run for the length of a block; `RunBusy` where somebody else does."""
    try:
        lock = FileLock(_place(home, run))
        lock.acquire(timeout=0)
    except Timeout:
        raise RunBusy(
            f"run {run} is being worked on by another process; `wunder steer {run} pause` asks it to rest"
        ) from None
    except OSError as fault:
        raise LedgerError(f"{home} cannot be written ({fault.strerror or fault}); choose another `home`") from None
    try:
        yield
    finally:
        lock.release()


def owned(home: Path, run: str) -> bool:
    """Whether a live process owns a run."""
    lock = FileLock(_place(home, run))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def _place(home: Path, run: str) -> Path:
    folder = home / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{run}.lock"
