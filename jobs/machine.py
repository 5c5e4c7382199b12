"""This machine as a place for jobs: admission by cores, memory and GPUs, a keeper process for each job."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import wunderkammer
from wunderkammer.core import locks
from wunderkammer.jobs import surroundings, tree
from wunderkammer.jobs.admission import Limits, Room, read_limits
from wunderkammer.jobs.devices import Device
from wunderkammer.jobs.folder import Folder, tail
from wunderkammer.jobs.leases import Lease, Leases

KEEPER, PORTER = "wunderkammer.jobs.keeper", "wunderkammer.jobs.porter"


class Machine:
    """The local `Place`."""

    name = "local"

    def __init__(self, jobs: Path) -> None:
        """jobs: HOME/jobs."""
        self.jobs = jobs
        self.leases = Leases(jobs / "leases")
        self._room = Room(0, 0.0)

    @property
    def full(self) -> bool:
        return self._room.full

    def survey(self, running: Sequence[Folder]) -> None:
        limits = read_limits(self.jobs)
        needs = [folder.errand().needs for folder in running]
        taken = {gpu for folder in running if (record := folder.record()) for gpu in record.gpus}
        self._room = Room.beside(limits, needs, lambda: self._free(limits, taken))

    def why_not(self, folder: Folder) -> str:
        return self._room.why_not(folder.errand().needs)

    def start(self, folder: Folder) -> None:
        devices = self._room.take(folder.errand().needs)
        leases = [lease for one in devices if (lease := self.leases.grant(one.id, folder.id))]
        lock = locks.take(folder.lock)
        try:
            if lock is None or len(leases) < len(devices):
                raise OSError("its lock, or a GPU, was taken in the very moment")
            folder.change(
                status="running", reason="", started=time.time(), ended=None, gpus=tuple(one.id for one in devices)
            )
            start_keeper(folder, lock, leases)
        finally:  # the keeper has its own copies
            for handle in (*([] if lock is None else [lock]), *(lease.handle for lease in leases)):
                os.close(handle)

    def rest(self, waiting: bool) -> None:
        """While jobs wait, somebody looks at them, although no command line lives."""
        if waiting and not locks.held(self.jobs / "porter.lock"):
            _start([PORTER, str(self.jobs)], self.jobs / "porter.txt", self.jobs)

    def alive(self, folder: Folder) -> bool:
        return locks.held(folder.lock)

    def clear(self, folder: Folder) -> bool:
        return tree.sweep(mark(folder))

    def end(self, folder: Folder) -> None:
        """A keeper lives from the first moment, and sees the file within a fraction of a second."""

    def _free(self, limits: Limits, taken: Collection[str]) -> Iterator[Device]:
        """Neither leased, nor of a job of which something is left that cannot be ended."""
        return (one for one in limits.usable() if one.id not in taken and self.leases.holder(one.id) is None)


def mark(folder: Folder) -> str:
    """What the processes of a job bear in their environment; two homes may have jobs of the same id."""
    return str(folder.path)


def start_keeper(folder: Folder, lock: int, leases: Sequence[Lease] = ()) -> None:
    """Start the process that looks after a job; returns once it is nobody's child.

    lock: `folder.lock`, taken. The keeper inherits it, as it does the leases: there is no moment in which it is on its
    way and the job looks as if nobody had it. `OSError` with its last words where it does not come up.
    """
    words = [f"--lock={lock}", *(f"--lease={lease.device}={lease.token}={lease.handle}" for lease in leases)]
    handles = [lock, *(lease.handle for lease in leases)]
    _start([KEEPER, str(folder.path), *words], folder.log, folder.path, folder.launch().hidden, handles)


def _start(words: Sequence[str], log: Path, cwd: Path, hidden: Sequence[str] = (), handles: Sequence[int] = ()) -> None:
    """Start a module of ours that goes to the background by itself, and wait until it has."""
    roots = str(Path(wunderkammer.__file__).parents[1])
    with log.open("ab") as opened:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", *words],
            stdin=subprocess.DEVNULL,
            stdout=opened,
            stderr=opened,
            cwd=cwd,
            env={**surroundings.clean(hidden), "PYTHONPATH": roots},
            pass_fds=handles,
            start_new_session=True,  # neither Ctrl-C nor the end of the terminal is meant for it
        )
    if process.wait() > 0:  # one that was killed is found dead by the next look, like any other
        lines = tail(log).strip().splitlines() or ["it said nothing"]
        raise OSError(f"{words[0]} did not start: {lines[-1]}")
