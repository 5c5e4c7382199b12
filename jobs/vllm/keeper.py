"""The process that looks after one vLLM: starts it, holds its GPUs while it is awake, ends it after its last user.

    python -m wunderkammer.jobs.vllm.keeper FOLDER

vLLM is several processes, and those behind the first outlive it when it is killed, with the GPU in hand. So all of them
belong to this one: they end when it ends them, and what outlived a killed keeper is found by its mark.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

from filelock import BaseFileLock, Timeout

from wunderkammer.core import locks
from wunderkammer.core.meeting import Folder, State
from wunderkammer.jobs import surroundings, tree
from wunderkammer.jobs.leases import Lease, Leases
from wunderkammer.jobs.vllm.gate import Gate
from wunderkammer.jobs.vllm.launch import FILE, HOLDER, Launch

WATCH = 0.2
GRACE_S = 20.0
"""How long vLLM has to end by itself."""
OCCUPIED = 3
"""Exit code where another keeper has the folder."""
LEASED = 4
"""Exit code where somebody else has the GPU."""


def main(folder: Path) -> int:
    """Keep the server of a folder until nobody has used it for a while, or until it ends."""
    place = Folder(folder)
    try:
        owned = place.server().acquire(timeout=0)
    except Timeout:
        print(f"another keeper has {folder}", file=sys.stderr)
        return OCCUPIED
    with owned:
        launch = Launch.model_validate_json((folder / FILE).read_bytes())
        tree.sweep(str(folder))  # what outlived a keeper before us
        tree.adopt_orphans()
        return Keeper(place, launch).keep()


class Keeper:
    """One server's."""

    def __init__(self, folder: Folder, launch: Launch) -> None:
        self.folder = folder
        self.launch = launch
        self._gate = Gate(folder.path, launch.url)
        self._leases: list[Lease] = []
        self._codes: dict[int, int] = {}
        self._asked = False
        self._left: BaseFileLock | None = None
        self._unused_since = time.monotonic()

    def keep(self) -> int:
        signal.signal(signal.SIGTERM, self._ask)
        if (holder := self._lease()) is not None:
            print(holder, flush=True)
            return LEASED
        child = self._start()
        self.folder.publish(State(pid=os.getpid(), url=self.launch.url, model=self.launch.model, started=time.time()))
        while child not in self._codes and not self._asked and not self._unused():
            time.sleep(WATCH)
            self._reap()
            self._hand_over()
        self._end_all()
        code = self._codes.get(child, 0)
        if not self._asked and self._left is None:
            print(f"vLLM ended with {f'signal {-code}' if code < 0 else f'exit code {code}'}", flush=True)
        self.folder.forget()
        return 0 if self._left is not None or self._asked else 1

    def _start(self) -> int:
        me = os.getpid()
        child = subprocess.Popen(
            self.launch.command,
            stdin=subprocess.DEVNULL,
            cwd=self.folder.path,
            env={
                **surroundings.clean(self.launch.hidden),
                **self.launch.variables,
                surroundings.MARK: str(self.folder.path),
            },
            process_group=0,
            preexec_fn=lambda: tree.die_with(me),  # one thread here: nothing can be locked
        )
        child.returncode = 0  # it is reaped below, like the orphans
        return child.pid

    def _lease(self) -> str | None:
        """Take every GPU that is ours, or none; then a line that says who has one."""
        grants = Leases(self.launch.leases)
        self.launch.leases.mkdir(parents=True, exist_ok=True)
        with locks.holding(self.launch.leases.parent / "gate.lock"):
            for device in self.launch.devices:
                lease = grants.grant(device, HOLDER + self.launch.model)
                if lease is None:
                    self._release()
                    return f"GPU {device} is leased by {grants.holder(device)}"
                self._leases.append(lease)
        return None

    def _release(self) -> None:
        for lease in self._leases:
            os.close(lease.handle)
        self._leases.clear()

    def _hand_over(self) -> None:
        """Give the GPUs up while the server sleeps, and take them again before it is woken."""
        sleep = self._gate.sleep
        if sleep is None:
            return
        if sleep.stage == "asleep":
            self._release()
        elif sleep.stage == "waking" and (self._leases or self._lease() is None):
            self._gate.note(sleep.model_copy(update={"stage": "leased"}))

    def _unused(self) -> bool:
        """Whether nobody has used the server for long; then the gate of its folder stays closed until we are gone."""
        gate = self.folder.gate()
        try:
            gate.acquire(timeout=0)
        except Timeout:  # somebody is coming in
            self._unused_since = time.monotonic()
            return False
        if self.folder.users.is_dir() and self.folder.in_use():
            self._unused_since = time.monotonic()
        elif time.monotonic() - self._unused_since >= self.launch.linger or not self.folder.users.is_dir():
            self._left = gate
            return True
        gate.release()
        return False

    def _end_all(self) -> None:
        tree.send(tree.below(os.getpid()), signal.SIGTERM)
        deadline = time.monotonic() + GRACE_S
        while tree.below(os.getpid()) and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.05)
        while living := tree.below(os.getpid()):
            tree.send(living, signal.SIGKILL)
            self._reap()
            time.sleep(0.01)

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                self._codes[found[0]] = os.waitstatus_to_exitcode(found[1])

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
