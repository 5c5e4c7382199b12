"""Who may use which GPU: a lock that lives exactly as long as its holder's processes, and a token that fences the dead.

    HOME/jobs/leases/DEVICE.lease     locked by the keeper and by what its job started; says token and job

The lock is inherited by the job's program, so that the device is not given away while a process of a dead job still has
it. The token grows with every grant: whoever is about to do something that counts (publish an adapter, say) asks
`Lease.current` first, and one that was thought dead and woke up late finds that its time is over.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from wunderkammer.core import locks


@dataclass(frozen=True)
class Lease:
    """The right to use one device."""

    file: Path
    token: int
    handle: int = -1
    """The open, locked file; -1 for one who only knows of the lease."""

    @property
    def device(self) -> str:
        return self.file.stem

    @property
    def current(self) -> bool:
        """Whether nobody was given the device since."""
        return _read(self.file)[0] == self.token


@dataclass(frozen=True)
class Leases:
    """Those of one home. Granting is done by one process at a time, behind HOME/jobs/gate.lock."""

    folder: Path

    def grant(self, device: str, job: str) -> Lease | None:
        """The device for a job; None while somebody holds it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{device}.lease"
        handle = locks.take(file)
        if handle is None:
            return None
        token = _read(file)[0] + 1
        words = json.dumps({"token": token, "job": job}).encode()
        # In place: a new file under this name would be another lock. A kill in the middle leaves what `_read` takes for
        # the old token, at worst one that was never handed out.
        os.pwrite(handle, words.ljust(_SIZE), 0)
        os.fsync(handle)
        return Lease(file, token, handle)

    def known(self, device: str, token: int) -> Lease:
        """A lease that was granted before."""
        return Lease(self.folder / f"{device}.lease", token)

    def holder(self, device: str) -> str | None:
        """The job that holds a device; None where nobody does."""
        file = self.folder / f"{device}.lease"
        return _read(file)[1] if locks.held(file) else None


_SIZE = 256
"""Bytes of a lease: one write of less than a block."""


def _read(file: Path) -> tuple[int, str]:
    """Token and job of the latest grant; 0 and nobody before the first."""
    try:
        found = json.loads(file.read_bytes() or b"{}")
    except FileNotFoundError:
        found = {}
    return found.get("token", 0), found.get("job", "")
