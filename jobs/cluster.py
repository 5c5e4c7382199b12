"""What Ray and Slurm have in common as places for jobs: a queue of their own, which is handed a keeper for each job.

    HOME/jobs/ID/ticket.json       what was handed in last: under which name, how often, after which attempt

The scheduler decides where and when; the job's folder, on a file system that all machines share, stays the truth. A
keeper works only while the record names what it was started as (`where`), so that one which comes late, or twice, goes
away without touching anything.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import wunderkammer
from wunderkammer.core import locks
from wunderkammer.core.errors import ConfigError, WunderError
from wunderkammer.jobs import tree
from wunderkammer.jobs.folder import Folder, Record, read, write
from wunderkammer.jobs.machine import mark

AHEAD = 16
"""Jobs that wait in the scheduler's queue; the others wait in ours, so that a look asks about few."""
FRESH = 1.0
"""Seconds for which it is enough to have heard that a job waits or runs."""
FUTILE = 3
"""So often a job may end before it began, until it is given up."""

Fate = Literal["waits", "runs", "ended", "stopped", "expired", "gone"]
"""stopped: somebody wanted that. expired: it waited longer than the scheduler lets it. gone: never heard of it."""


class Silent(ConfigError):
    """The scheduler does not answer: nothing is known, which is no news of a death."""


@dataclass(frozen=True)
class News:
    """What the scheduler says of something that it was handed."""

    fate: Fate
    words: str = ""


class Scheduler(Protocol):
    """Ray or Slurm, as little of it as we need. Every method may raise `Silent`."""

    name: str
    title: str

    def check(self) -> None:
        """`Silent` where it would take no job now."""
        ...

    def submit(self, folder: Folder, name: str) -> str:
        """Have a keeper started for a job, and say under which id; `WunderError` where it is refused.

        name: unique to this hand-in. Where the scheduler takes names, it is the id, and handing in twice is once.
        """
        ...

    def news(self, folder: Folder, one: str) -> News:
        """What became of an id."""
        ...

    def stop(self, folder: Folder, one: str) -> None:
        """Withdraw it; one that is gone is no fault."""
        ...

    def log(self, folder: Folder, one: str) -> str:
        """What was printed outside of the job's own log: by a keeper that could not begin."""
        ...


@dataclass(frozen=True)
class Ticket:
    """What was handed in for a job."""

    submitted: float
    """When the job was queued: a job that is queued anew begins a new row of tickets."""
    number: int
    attempt: int
    """The attempts that had been made by then."""
    futile: int
    """How many before it, in a row, came to no attempt."""


class Cluster:
    """The `Place` over a scheduler."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.name = scheduler.name
        self._ahead = 0
        self._silence: str | None = None
        self._heard: dict[str, float] = {}

    @property
    def full(self) -> bool:
        return self._ahead >= AHEAD or bool(self._silence)

    def survey(self, running: Sequence[Folder]) -> None:
        records = [folder.record() for folder in running]
        self._ahead = sum(record is not None and record.status == "queued" for record in records)
        self._silence = None

    def why_not(self, folder: Folder) -> str:
        if self._silence is None:
            self._silence = ""
            try:
                self.scheduler.check()
            except Silent as fault:
                self._silence = str(fault)
        if self._silence:
            return self._silence
        return f"waits until {self.scheduler.title} has begun others" if self._ahead >= AHEAD else ""

    def start(self, folder: Folder) -> None:
        self._ahead += 1
        try:
            ticket = self._ticket(folder)
            write(folder.path / "ticket.json", asdict(ticket))
            name = f"wunder-{folder.id}-{round(ticket.submitted * 1000)}-{ticket.number}"
            folder.change(where=f"{self.name} {name}", reason=f"waits in the queue of {self.scheduler.title}")
            one = self.scheduler.submit(folder, name)
        except Silent as fault:  # it may have been taken in spite of that; the next look will tell
            folder.change(reason=str(fault))
            return
        if one != name:
            folder.change(where=f"{self.name} {one}")

    def rest(self, waiting: bool) -> None:
        """Nobody looks between two commands: the scheduler runs what it has."""

    def alive(self, folder: Folder) -> bool:
        if locks.held(folder.lock):
            return True
        if folder.cancel.exists() or not self._id(folder):
            return False  # a keeper that comes yet finds the job over
        one = self._id(folder)
        if time.monotonic() - self._heard.get(one, float("-inf")) < FRESH:
            return True
        try:
            news = self.scheduler.news(folder, one)
        except Silent as fault:
            _note(folder, str(fault))
            return True
        if news.fate in ("waits", "runs"):
            self._heard[one] = time.monotonic()
            _note(folder, news.words if news.fate == "waits" else "")
            return True
        self._heard.pop(one, None)
        if news.fate == "stopped":
            folder.cancel.touch()
        return False

    def clear(self, folder: Folder) -> bool:
        if locks.held(folder.lock):
            return False
        one = self._id(folder)
        with suppress(Silent):
            if one and folder.cancel.exists():
                self.scheduler.stop(folder, one)
            if one and (words := self.scheduler.log(folder, one).strip()):
                with folder.log.open("a", encoding="utf-8") as log:
                    log.write(f"--- {self.scheduler.title} said of {one}\n{words}\n")
        return tree.sweep(mark(folder))  # of this machine; on the others, the scheduler ends what it started

    def end(self, folder: Folder) -> None:
        """Its keeper lives, and sees the file."""

    def _id(self, folder: Folder) -> str:
        record = folder.record()
        name, _, one = (record.where if record else "").partition(" ")
        return one if name == self.name else ""

    def _ticket(self, folder: Folder) -> Ticket:
        """The next; the last one again where the scheduler never got it. `WunderError` where there were enough."""
        record = folder.record() or Record("queued", 0.0)
        first = Ticket(record.submitted, 1, record.attempt, 0)
        found = read(folder.path / "ticket.json")
        last = None if found is None else Ticket(**found)
        if last is None or last.submitted != record.submitted:
            return first
        one = self._id(folder)
        news = self.scheduler.news(folder, one) if one else News("gone")
        if news.fate == "gone":
            return last
        fresh = replace(first, number=last.number + 1)
        if last.attempt < record.attempt or news.fate == "expired":
            return fresh
        if last.futile + 1 >= FUTILE:
            raise WunderError(f"{self.scheduler.title} ended it {FUTILE} times before it began: {news.words}")
        return replace(fresh, futile=last.futile + 1)


def keeper(python: str, folder: Path, where: str) -> list[str]:
    """The command that a cluster has to run for a job."""
    return [python, "-P", "-m", "wunderkammer.jobs.keeper", str(folder), f"--stay={where}"]


def roots() -> str:
    """Where our package is imported from on every machine."""
    return str(Path(wunderkammer.__file__).parents[1])


def _note(folder: Folder, reason: str) -> None:
    record = folder.record()
    if record is not None and reason and record.reason != reason:
        folder.change(reason=reason)
