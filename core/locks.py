"""Locks on files that the kernel releases when the last process that holds them dies.

`flock` and not `filelock`: a lock of ours is inherited by the processes that a job starts, and the keeper, which every
job pays for, has to start within a few hundredths of a second.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def take(file: Path, patience_s: float = 0.0) -> int | None:
    """An open file that holds the lock, to be closed; None where somebody else holds it for longer than `patience_s`.

    The lock is free once every copy of the descriptor is closed, those of child processes included.
    """
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    began = time.monotonic()
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() - began >= patience_s:
                os.close(handle)
                return None
            time.sleep(0.005)
        else:
            return handle


@contextmanager
def holding(file: Path) -> Iterator[None]:
    """Hold a lock for the length of a block, waiting for it as long as it takes."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def held(file: Path) -> bool:
    """Whether anybody holds a lock. Looks without making a file, and without keeping another who looks away."""
    try:
        handle = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
