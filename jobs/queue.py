"""The queue of one home: who is next, who is dead, who waits for whom.

    HOME/jobs/
        gate.lock              held for a moment by whoever changes a standing
        queue/NAME/…-ID        empty files in the order of submission: jobs that wait
        running/NAME/ID        empty files: jobs that were started and are not over

The two folders only save reading every job there ever was (`mend` makes them anew); entries come before what they
announce and go after it, so that a kill in between leaves one too many, which the next look takes away. NAME is the
dispatcher's.

Standard library alone, and none of our own models: a keeper moves the queue on when its job is over.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from wunderkammer.core import locks
from wunderkammer.core.errors import WunderError
from wunderkammer.jobs.folder import Damaged, Folder, Record
from wunderkammer.jobs.place import Place


@dataclass(frozen=True)
class Queue:
    """The jobs of one dispatcher that are not over."""

    jobs: Path
    place: Place

    def gate(self) -> AbstractContextManager[None]:
        """To be held by whoever changes a standing."""
        return gate(self.jobs)

    def add(self, folder: Folder) -> Record:
        """Queue a job whose papers are in its folder. To be called behind the gate."""
        record = Record("queued", time.time())
        _touch(self._entry(folder, record))
        folder.cancel.unlink(missing_ok=True)
        return folder.put(record)

    def advance(self) -> None:
        """Bury the dead, fail the hopeless, start what can start."""
        with self.gate():
            self.place.survey(self._bury())
            for entry, folder in self._waiting():
                self._try(entry, folder)
                if self.place.full:
                    break
            self.place.rest(self.waits())

    def waits(self) -> bool:
        """Whether any job is in the queue."""
        return bool(_names(self.jobs / "queue" / self.place.name))

    def mend(self, folders: Iterable[Folder]) -> None:
        """Enter jobs that are not over, and that the two folders have lost. To be called behind the gate."""
        names = {self.place.name, *_names(self.jobs / "queue"), *_names(self.jobs / "running")}
        for folder in folders:
            record = folder.record()
            if record is None or record.over or record.where.partition(" ")[0] not in ("", self.place.name):
                continue
            entry = self._entry(folder, record).name
            known = (self.jobs / "queue" / name / entry for name in names)
            if not any(one.exists() for one in (*known, *(self.jobs / "running" / name / folder.id for name in names))):
                _touch(self._started(folder))  # dead or alive: the next look will see

    def withdraw(self, folder: Folder) -> Record:
        """Cancel a job: at once if it waits, else its keeper is asked. To be called behind the gate."""
        record = folder.record()
        if record is None or record.over:
            return record or Record("cancelled", time.time())
        folder.cancel.touch()
        if self._started(folder).exists() and self.place.alive(folder):
            self.place.end(folder)
            return record
        self.place.clear(folder)
        return folder.end("cancelled", "cancelled before it began" if not record.attempt else "cancelled")

    def _bury(self) -> list[Folder]:
        """Put jobs whose keeper died back into the queue, or end them; those that live."""
        names = _names(self.jobs / "running" / self.place.name)
        return [folder for folder in map(Folder, map(self.jobs.joinpath, names)) if self._lives(folder)]

    def _lives(self, folder: Folder) -> bool:
        """Whether a started job still has what it was given; one that is dead is seen to."""
        record = folder.record()
        if record is None or record.over:
            self._started(folder).unlink(missing_ok=True)
            return False
        if self.place.alive(folder):
            return True
        if not self.place.clear(folder):
            folder.change(reason="its keeper is dead, and something that it started cannot be ended")
            return True
        try:
            self._revive(folder, record)
        except Damaged as fault:
            folder.end("failed", str(fault))
        return False

    def _revive(self, folder: Folder, record: Record) -> None:
        attempts = folder.errand().attempts
        if record.status == "running":
            record = replace(record, worked_s=record.worked_s + _unwritten(folder, record))
        if folder.cancel.exists():
            folder.put(replace(record, status="cancelled", reason="cancelled", ended=time.time()))
        elif record.status == "queued":  # whoever was about to start it died
            _touch(self._entry(folder, record))
        elif record.attempt >= attempts:
            reason = f"its keeper was killed in attempt {record.attempt} of {attempts}"
            folder.put(replace(record, status="failed", reason=reason, ended=time.time()))
        else:
            _touch(self._entry(folder, record))  # which is its old place
            folder.put(replace(record, status="queued", reason="its keeper was killed", gpus=()))
        self._started(folder).unlink(missing_ok=True)

    def _waiting(self) -> Iterator[tuple[Path, Folder]]:
        queue = self.jobs / "queue" / self.place.name
        for name in sorted(_names(queue)):
            yield queue / name, Folder(self.jobs / name.partition("-")[2])

    def _try(self, entry: Path, folder: Folder) -> None:
        """Start a job of the queue if it can be; say why not otherwise."""
        record = folder.record()
        if record is None or record.status != "queued":
            entry.unlink(missing_ok=True)
            return
        if self._started(folder).exists():  # by one who died before he could strike it from the queue
            return
        waits = fails = ""
        try:
            waits, fails = self._before(folder)
            waits = waits or fails or self.place.why_not(folder)
        except Damaged as fault:
            fails = str(fault)
        if fails:
            folder.end("failed", fails)
        elif waits:
            if waits != record.reason:
                folder.change(reason=waits)
            return
        else:
            self._start(folder)
        entry.unlink(missing_ok=True)

    def _start(self, folder: Folder) -> None:
        _touch(self._started(folder))
        try:
            self.place.start(folder)
        except (WunderError, OSError) as fault:
            folder.end("failed", f"it could not be started: {fault}")
            self._started(folder).unlink()

    def _before(self, folder: Folder) -> tuple[str, str]:
        """What a job waits for among those before it, and what of them makes it fail."""
        for one in folder.errand().after:
            record = Folder(self.jobs / one).record()
            if record is None:
                return "", f"job {one}, which should come before it, is gone"
            if record.status in ("failed", "cancelled"):
                return "", f"job {one} before it {_came_to(record)}"
            if record.status != "done":
                return f"waits for job {one}", ""
        return "", ""

    def _entry(self, folder: Folder, record: Record) -> Path:
        """Names sort by when a job was submitted."""
        return self.jobs / "queue" / self.place.name / f"{record.submitted * 1e9:020.0f}-{folder.id}"

    def _started(self, folder: Folder) -> Path:
        return self.jobs / "running" / self.place.name / folder.id


def gate(jobs: Path) -> AbstractContextManager[None]:
    """The gate of a home's jobs; see `Queue.gate`."""
    return locks.holding(jobs / "gate.lock")


def _came_to(record: Record) -> str:
    return record.status if record.status == "cancelled" else f"failed: {record.reason}"


def _unwritten(folder: Folder, record: Record) -> float:
    """Seconds that an attempt worked until the last heartbeat of a keeper that could not write them down."""
    try:
        return max(0.0, folder.lock.stat().st_mtime - (record.started or 0.0))
    except FileNotFoundError:
        return 0.0


def _touch(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except FileNotFoundError:
        return []
