"""Everything that a job started, and its end.

On Linux that is everything: whoever is orphaned goes to the keeper, whatever session it made for itself, and whatever
outlived a killed keeper is known by a mark in its environment. Elsewhere it is the job's process group.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from wunderkammer.jobs.surroundings import MARK

LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def adopt_orphans() -> None:
    """From now on, whoever is orphaned below this process becomes its child."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with(parent: int) -> None:
    """End this process when its parent ends, however that does. Called between fork and exec."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


def below(root: int) -> set[int]:
    """The processes that descend from one, zombies left out."""
    children: dict[int, list[int]] = {}
    for pid in _processes():
        if (parent := _parent(pid)) is not None:
            children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    front = [root]
    while front:
        fresh = [pid for pid in children.get(front.pop(), ()) if pid not in found]
        found.update(fresh)
        front += fresh
    return found


def send(pids: set[int], number: signal.Signals) -> None:
    """Signal processes; those that are gone meanwhile are no fault."""
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def sweep(mark: str, patience_s: float = 5.0) -> bool:
    """Kill all that bears a job's mark; whether none is left. For what outlived its keeper, and for nothing else."""
    began = time.monotonic()
    while found := set(_marked(mark)):
        for pid in found:
            _kill_if_marked(pid, mark)
        if time.monotonic() - began > patience_s:
            return False
        time.sleep(0.01)
    return True


def _marked(mark: str) -> Iterator[int]:
    return (pid for pid in _processes() if pid != os.getpid() and _bears(pid, mark) and _parent(pid) is not None)


def _kill_if_marked(pid: int, mark: str) -> None:
    """By a handle on the process, so that another that got its number meanwhile is left alone."""
    try:
        handle = os.pidfd_open(pid)
    except (ProcessLookupError, PermissionError):
        return
    try:
        if _bears(pid, mark):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
    finally:
        os.close(handle)


def _bears(pid: int, mark: str) -> bool:
    try:
        return f"{MARK}={mark}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # gone, or somebody else's
        return False


def _processes() -> list[int]:
    if not LINUX:
        return []
    with os.scandir("/proc") as entries:
        return [int(entry.name) for entry in entries if entry.name.isdigit()]


def _parent(pid: int) -> int | None:
    """Of a living process; None for a zombie and for one that is gone."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state in "ZX" else int(parent)
