"""The process that looks after one job: starts its program, watches it, ends all of it, and says what became of it.

    python -m wunderkammer.jobs.keeper FOLDER --lock HANDLE [--lease DEVICE=TOKEN=HANDLE …]
    python -m wunderkammer.jobs.keeper FOLDER --stay WHERE

It goes to the background, with the job's lock and the leases that it was given, and lives as long as the job: attempts
that died go on from their checkpoint; SIGTERM, or a file `cancel` in the folder, ends the job. At its end it moves the
queue on, so that this happens although no command line lives. Under Ray or Slurm, which watch it, it stays in the
foreground, takes the lock itself, works only while the job's record names WHERE, and takes SIGTERM for its own end: the
job goes on elsewhere. Everything here is imported by every job: no pydantic.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from wunderkammer.core import locks
from wunderkammer.jobs import surroundings, tree
from wunderkammer.jobs.folder import FULL, Folder, Record, read, tail
from wunderkammer.jobs.leases import Lease, Leases
from wunderkammer.jobs.machine import Machine, mark
from wunderkammer.jobs.queue import Queue, gate

WATCH = 0.2
"""Seconds between two looks at whether the job was cancelled."""
BEAT = 5.0
"""Seconds between two heartbeats: the time of `keeper.lock`."""
OCCUPIED = 3
"""Exit code where another keeper has the job."""
LEFTOVERS = 2.0
"""Seconds that what a finished program left running has to end by itself when asked."""
EVICTED = 4
"""Exit code where Ray or Slurm wanted the machine back."""


def main(argv: Sequence[str]) -> int:
    """Keep a job from here to its end."""
    options = _parser().parse_args(argv)
    folder, where = Folder(options.folder), options.stay
    jobs = folder.path.parent
    lock = locks.take(folder.lock, patience_s=2.0) if where else options.lock
    if lock is None:
        print(f"another keeper has {folder.id}", file=sys.stderr)
        return OCCUPIED
    if where and not _expected(folder, where):
        return 0
    if not where and os.fork():
        os._exit(0)
    tree.adopt_orphans()
    leases = [_lease(jobs, word) for word in options.lease]
    keeper = Keeper(folder, leases, guest=bool(where))
    end = keeper.keep()
    with gate(jobs):
        # Before the word is given, and behind the gate, where nobody takes us for dead: whoever sees that the job is
        # over sees that nobody keeps it, and that its GPUs are free.
        for handle in (*(lease.handle for lease in leases), lock):
            os.close(handle)
        keeper.finish(end)
    if not where:
        Queue(jobs, Machine(jobs)).advance()
    return 0


@dataclass(frozen=True)
class End:
    """How an attempt ended."""

    reason: str
    again: bool
    """Whether another attempt may help."""
    status: str = "failed"


class Keeper:
    """One job's."""

    def __init__(self, folder: Folder, leases: Sequence[Lease], *, guest: bool) -> None:
        """guest: somebody else started it, who says where it is and which GPUs it sees."""
        self.folder = folder
        self.errand = folder.errand()
        self.launch = folder.launch()
        self.leases = leases
        self.guest = guest
        self._asked = False
        self._codes: dict[int, int] = {}
        self._child = 0
        self._beaten = 0.0
        self._wake, self._waker = os.pipe()
        self._listen()

    def keep(self) -> End:
        """Attempt the job until it is over; its end, which nobody knows of yet."""
        end = None
        while end is None or (end.again and self._record().attempt < self.errand.attempts):
            record = self._begin()
            began = time.monotonic()
            end = self._attempt(record)
            self._change(worked_s=record.worked_s + time.monotonic() - began, reason=end.reason)
        return end

    def finish(self, end: End) -> None:
        """Publish the artifacts and say that the job is over. To be called behind the gate."""
        if end.status == "done":
            _clear(self.folder.out)
            self.folder.draft.rename(self.folder.out)
        self.folder.end(end.status, end.reason)

    def _begin(self) -> Record:
        before = self._record()
        seen = surroundings.visible_gpus() if self.guest and self.errand.needs.gpus else before.gpus
        return self._change(
            status="running",
            reason="",
            attempt=before.attempt + 1,
            started=time.time(),
            ended=None,
            where=before.where if self.guest else f"local {os.getpid()}",
            gpus=seen,
        )

    def _attempt(self, record: Record) -> End:
        """Run the program once, to its end and that of everything it started."""
        if self._finished():  # by an attempt whose keeper died before it could say so
            return End("", again=False, status="done")
        self._tidy()
        why = ""
        left = float("inf") if self.errand.limit_s is None else self.errand.limit_s - record.worked_s
        if left > 0 and not self.folder.cancel.exists():
            self._start(record.attempt)
            why = self._watch(time.monotonic() + left)
            self._end_all(self.launch.grace_s if why else LEFTOVERS)
        elif left <= 0:
            why = "limit"
        else:
            why = "cancel"
        return self._judge(why)

    def _judge(self, why: str) -> End:
        if self._finished():
            if all(lease.current for lease in self.leases):
                return End("", again=False, status="done")
            return End("its GPU was given to another job meanwhile", again=True)
        if why == "cancel" and self.guest and not self.folder.cancel.exists():
            sys.exit(EVICTED)  # with the job as it is: its place asks why, and hands it in again
        if why == "cancel":
            return End("cancelled", again=False, status="cancelled")
        if why == "limit":
            return End(f"ended after its limit of {self.errand.limit_s:g} s", again=False)
        fault = read(self.folder.fault)
        if fault is not None:
            return End(fault["reason"], again=fault["again"])
        code = self._codes.get(self._child, 0)
        if code < 0:
            hint = "; is memory short?" if code == -signal.SIGKILL else ""
            return End(f"killed by signal {-code}{hint}", again=True)
        if code == 0:
            return End("its program ended in the middle, without a word", again=True)
        if code == FULL:
            return End("disk full: not even the reason could be written", again=False)
        return End(f"its program ended with exit code {code}: {_last_line(self.folder.log)}", again=True)

    def _start(self, attempt: int) -> None:
        me, record = os.getpid(), self._record()
        with self.folder.log.open("ab") as log:
            log.write(f"--- attempt {attempt}, {time.strftime('%Y-%m-%d %H:%M:%S')}\n".encode())
            log.flush()
            child = subprocess.Popen(
                [self.launch.python, "-P", "-m", "wunderkammer.jobs.child", str(self.folder.path), str(attempt)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder.path,
                env=surroundings.for_job(
                    mark(self.folder), self.launch.paths, self.errand.needs.cores, record.gpus, self.launch.hidden
                ),
                pass_fds=[lease.handle for lease in self.leases],
                process_group=0,
                preexec_fn=lambda: tree.die_with(me),  # one thread here: nothing can be locked
            )
        self._child = child.pid
        child.returncode = 0  # it is reaped in `_reap`, like the orphans, and not by Popen

    def _watch(self, deadline: float) -> str:
        """Until the program ended, "" ; or until it should: "cancel" or "limit"."""
        while True:
            self._reap()
            if self._child in self._codes:
                return ""
            if self._asked or self.folder.cancel.exists():
                return "cancel"
            if time.monotonic() >= deadline:
                return "limit"
            self._beat()
            self._sleep(min(WATCH, max(0.0, deadline - time.monotonic())))

    def _end_all(self, grace: float) -> None:
        """Ask everything that is left of the job to end; after `grace` seconds, end it."""
        self._reap()
        tree.send(self._living(), signal.SIGTERM)
        deadline = time.monotonic() + grace
        while self._living() and time.monotonic() < deadline:
            self._sleep(0.02)
            self._reap()
        while living := self._living():
            tree.send(living, signal.SIGKILL)
            self._sleep(0.01)
            self._reap()
            self._beat()

    def _living(self) -> set[int]:
        if tree.LINUX:
            return tree.below(os.getpid())
        return set() if self._child in self._codes else {-self._child}  # its process group

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                self._codes[found[0]] = os.waitstatus_to_exitcode(found[1])

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beaten >= BEAT:
            self._beaten = now
            os.utime(self.folder.lock)

    def _finished(self) -> bool:
        return (self.folder.draft / "manifest.json").is_file()

    def _tidy(self) -> None:
        """An empty draft, no old fault, a checkpoint folder."""
        _clear(self.folder.draft)
        self.folder.draft.mkdir()
        self.folder.checkpoint.mkdir(exist_ok=True)
        self.folder.fault.unlink(missing_ok=True)
        self._codes.clear()

    def _record(self) -> Record:
        record = self.folder.record()
        if record is None:
            raise ValueError(f"{self.folder.path} holds no job")
        return record

    def _change(self, **changes: object) -> Record:
        with gate(self.folder.path.parent):
            return self.folder.change(**changes)

    def _listen(self) -> None:
        """SIGTERM and the end of a child interrupt `_sleep`."""
        os.set_blocking(self._waker, False)
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True

    def _sleep(self, seconds: float) -> None:
        if select.select([self._wake], [], [], seconds)[0]:
            os.read(self._wake, 512)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wunderkammer.jobs.keeper")
    parser.add_argument("folder", type=Path, help="of the job")
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument("--lock", type=int, help="the open, locked file")
    start.add_argument("--stay", default="", metavar="WHERE", help="as the job's record has it")
    parser.add_argument("--lease", action="append", default=[], help="DEVICE=TOKEN=HANDLE, each an open, locked file")
    return parser


def _expected(folder: Folder, where: str) -> bool:
    """Whether the job still waits for the keeper that was started under this name."""
    with gate(folder.path.parent):
        record = folder.record()
        return record is not None and not record.over and record.where == where


def _lease(jobs: Path, word: str) -> Lease:
    device, token, handle = word.rsplit("=", 2)
    return Lease(Leases(jobs / "leases").known(device, int(token)).file, int(token), int(handle))


def _clear(folder: Path) -> None:
    if folder.exists():
        import shutil  # seldom needed, and slow to import

        shutil.rmtree(folder)


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in tail(log).splitlines() if line.strip()]
    return lines[-1][:300] if lines and not lines[-1].startswith("--- attempt") else "it said nothing"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
