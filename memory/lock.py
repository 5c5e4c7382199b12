"""One process owns a run: a lock that the kernel releases when its holder dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import func, select

from wunderkammer.core.errors import LedgerError, RunBusy
from wunderkammer.core.ids import content_id
from wunderkammer.core.locks import held
from wunderkammer.memory.ledger import Ledger


@contextmanager
def owning(home: Path, run: str) -> Iterator[None]:
    """Own a run for the length of a block; `RunBusy` where somebody else does."""
    try:
        place = _place(home, run)
        place.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place)
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


@contextmanager
def claiming(ledger: Ledger, run: str) -> Iterator[None]:
    """Own a run in a PostgreSQL ledger too, which homes on several machines may share; `RunBusy` as in `owning`."""
    if ledger.engine.dialect.name != "postgresql":
        yield
        return
    number = int(content_id("run", run)[:15], 16)  # 60 bits of the 63 that PostgreSQL takes
    # Committing by itself: an open transaction would hold up whoever makes an index. Detached: closed for good, and the
    # lock with it.
    with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
        link.detach()
        if not link.scalar(select(func.pg_try_advisory_lock(number))):
            raise RunBusy(f"run {run} is being worked on by a process on another machine")
        yield


def owned(home: Path, run: str) -> bool:
    """Whether a live process owns a run; only looks."""
    return held(_place(home, run))


def _place(home: Path, run: str) -> Path:
    return home / "locks" / f"{run}.lock"
