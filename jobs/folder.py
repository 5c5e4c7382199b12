"""A job's folder, the truth about it: what it is, where it stands, what it said and what it made.

    HOME/jobs/ID/
        job.json         the job as it was submitted
        launch.json      how to start it here: Python, import paths, where inputs and earlier jobs' artifacts lie
        standing.json    where it stands; replaced in one piece, by whoever holds HOME/jobs/gate.lock
        keeper.lock      held by its keeper for as long as that lives; its time is the last heartbeat
        cancel           somebody wants it to end
        log.txt          what it printed, all attempts
        progress.jsonl   what it told, all attempts
        fault.json       how its latest attempt explained its end
        checkpoint/      what attempts leave to one another
        draft/           what the attempt under way has made
        out/             its artifacts: all of them, or no such folder

Standard library alone, and none of our own models: a keeper reads this.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from wunderkammer.core.errors import WunderError
from wunderkammer.core.whole import write_whole

OVER = ("done", "failed", "cancelled")
FULL = 28
"""Exit code of a job's program that could not even write down why it failed."""
ID = re.compile(r"[0-9a-f]{24}")
"""Of a job, and so the name of its folder."""
_TAIL = 65_536
"""Bytes at the end of a file among which its last line is looked for."""


class Damaged(WunderError):
    """A file in a job's folder is not what we wrote."""


@dataclass(frozen=True)
class Need:
    """`core.work.Resources`, without its checks."""

    cores: int = 1
    memory_gib: float = 1.0
    gpus: int = 0
    gpu_memory_gib: float = 0.0


@dataclass(frozen=True)
class Errand:
    """`core.work.Job`, as far as whoever runs it has to know it."""

    module: str
    args: Mapping[str, str | int | float | bool]
    seed: int
    after: tuple[str, ...]
    needs: Need
    limit_s: float | None
    attempts: int


@dataclass(frozen=True)
class Launch:
    """How a job is started on this machine."""

    python: str
    paths: tuple[str, ...]
    """Folders to import from beside what that Python has."""
    inputs: Mapping[str, str]
    after: Mapping[str, str]
    hidden: tuple[str, ...] = ()
    """Names of environment variables that it must not see, besides those that look like secrets."""
    environment: str = ""
    grace_s: float = 5.0
    """Between asking it to end and ending it."""


@dataclass(frozen=True)
class Record:
    """`core.work.Standing`, without the job itself and its progress."""

    status: str
    submitted: float
    reason: str = ""
    attempt: int = 0
    started: float | None = None
    ended: float | None = None
    worked_s: float = 0.0
    gpus: tuple[str, ...] = ()
    where: str = ""

    @property
    def over(self) -> bool:
        return self.status in OVER


@dataclass(frozen=True)
class Folder:
    """One job's folder. Reading what is not there gives None, or nothing; it is no fault."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def lock(self) -> Path:
        return self.path / "keeper.lock"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def progress(self) -> Path:
        return self.path / "progress.jsonl"

    @property
    def cancel(self) -> Path:
        return self.path / "cancel"

    @property
    def checkpoint(self) -> Path:
        return self.path / "checkpoint"

    @property
    def draft(self) -> Path:
        return self.path / "draft"

    @property
    def out(self) -> Path:
        return self.path / "out"

    @property
    def fault(self) -> Path:
        return self.path / "fault.json"

    def record(self) -> Record | None:
        """Where it stands; None for a job that nobody submitted. What cannot be read has failed: it can be submitted
        again."""
        file = self.path / "standing.json"
        try:
            found = read(file)
            return None if found is None else Record(**{**found, "gpus": tuple(found["gpus"])})
        except (ValueError, TypeError, KeyError):
            return Record("failed", file.stat().st_mtime, "its standing.json cannot be read; submit it again")

    def put(self, record: Record) -> Record:
        """Say where it stands, in one piece."""
        write(self.path / "standing.json", asdict(record))
        return record

    def change(self, **changes: Any) -> Record:
        """Say what changed; a job that nobody submitted is a bug."""
        record = self.record()
        if record is None:
            raise ValueError(f"{self.path} holds no job")
        return self.put(replace(record, **changes))

    def end(self, status: str, reason: str = "", **changes: Any) -> Record:
        """Say that it is over."""
        return self.change(status=status, reason=reason, ended=time.time(), **changes)

    def errand(self) -> Errand:
        """What is to be done; `Damaged` where that cannot be read."""
        try:
            found = read(self.path / "job.json") or {}
            return Errand(
                module=found["module"],
                args=found["args"],
                seed=found["seed"],
                after=tuple(found["after"]),
                needs=Need(**found["needs"]),
                limit_s=found["limit_s"],
                attempts=found["attempts"],
            )
        except (ValueError, TypeError, KeyError):
            raise Damaged("its job.json cannot be read; submit it again") from None

    def launch(self) -> Launch:
        """How to do it; `Damaged` where that cannot be read."""
        try:
            found = read(self.path / "launch.json") or {}
            return Launch(**{**found, "paths": tuple(found["paths"]), "hidden": tuple(found["hidden"])})
        except (ValueError, TypeError, KeyError):
            raise Damaged("its launch.json cannot be read; submit it again") from None

    def whole(self) -> bool:
        """Whether the artifacts are there."""
        return (self.out / "manifest.json").is_file()

    def last_progress(self) -> dict[str, Any] | None:
        """The last whole line of progress."""
        for line in reversed(tail(self.progress).splitlines()):
            try:
                found = json.loads(line)
            except ValueError:  # cut off, at its beginning by us or at its end by a kill
                continue
            if isinstance(found, dict):
                return found
        return None


def steps_since(folder: Folder, moment: float) -> list[tuple[float, int]]:
    """The latest lines of progress that are not older than a moment: when, and which step."""
    found = []
    for line in tail(folder.progress).splitlines():
        try:
            told = json.loads(line)
            at, step = float(told["at"]), int(told["step"])
        except (ValueError, TypeError, KeyError):  # cut off, or not of our form
            continue
        if at >= moment:
            found.append((at, step))
    return found


def folders(jobs: Path) -> list[Folder]:
    """Every job's folder in HOME/jobs."""
    try:
        with os.scandir(jobs) as entries:
            return [Folder(jobs / entry.name) for entry in entries if ID.fullmatch(entry.name)]
    except FileNotFoundError:
        return []


def tail(file: Path, size: int = _TAIL) -> str:
    """The end of a file of text."""
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, opened.seek(0, os.SEEK_END) - size))
            return opened.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def read(file: Path) -> dict[str, Any] | None:
    """A JSON object; None where there is no such file."""
    try:
        found: dict[str, Any] = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    return found


def write(file: Path, value: Mapping[str, Any]) -> None:
    """A JSON object in one piece: whoever reads sees the one before or this one."""
    write_whole(file, json.dumps(value))
