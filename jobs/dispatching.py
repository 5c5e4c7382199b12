"""What all dispatchers share: submitting once, standing, waiting, cancelling; a `Place` brings the rest."""

from __future__ import annotations

import asyncio
import re
import shutil
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from pydantic import ValidationError

import wunderkammer
from wunderkammer.core.errors import ConfigError, JobFailed
from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import Settings
from wunderkammer.core.work import Job, Progress, Standing
from wunderkammer.jobs.environments import python_of
from wunderkammer.jobs.folder import ID, Folder, Launch, folders, write
from wunderkammer.jobs.place import Place
from wunderkammer.jobs.queue import Queue

LOOK = 1.0
"""Seconds between two looks, while waiting, at whether somebody died or can start."""
POLL = (0.01, 0.25)
"""Seconds between two looks at files, while waiting: at first, and when nothing has happened for long."""
_ARTIFACT = re.compile(r"[0-9a-f]{24}\.[a-z0-9]{1,8}")
_IS = {"queued": "waits", "running": "runs", "done": "is done", "failed": "failed", "cancelled": "was cancelled"}


class Dispatching:
    """A `Dispatcher` over a place."""

    name: ClassVar[str]

    def __init__(self, settings: Settings, place: Place, *, grace_s: float = 5.0) -> None:
        """grace_s: seconds that a job has to end by itself when it is asked to."""
        self.settings = settings
        self.home = settings.home.expanduser().resolve()
        self.jobs = self.home / "jobs"
        self.grace_s = grace_s
        self.queue = Queue(self.jobs, place)

    async def submit(self, job: Job) -> Standing:
        """See `Dispatcher.submit`."""
        return await asyncio.to_thread(self._submit, job)

    async def standing(self, job: str) -> Standing:
        """See `Dispatcher.standing`."""
        found = self._standing(self._folder(job))
        if not found.over:
            await asyncio.to_thread(self._look, [job])
        return self._standing(self._folder(job))

    async def all(self) -> Sequence[Standing]:
        """See `Dispatcher.all`."""
        if not self.jobs.is_dir():
            return ()
        there = [one for one in folders(self.jobs) if one.record() is not None]
        await asyncio.to_thread(self._look, [one.id for one in there])
        found = await asyncio.to_thread(lambda: [self._standing(one) for one in there])
        return sorted(found, key=lambda one: (one.submitted, one.job.id))

    async def wait(self, jobs: Sequence[str], tell: Callable[[Standing], None] | None = None) -> Mapping[str, Standing]:
        """See `Dispatcher.wait`."""
        found = {job: self._standing(self._folder(job)) for job in jobs}
        seen: dict[str, object] = {}
        left = list(found)
        pause, looked = POLL[0], float("-inf")
        while left:
            if time.monotonic() - looked >= LOOK:
                await asyncio.to_thread(self._look, left)
                looked = time.monotonic()
            for job in left:
                folder = Folder(self.jobs / job)
                stamp = _stamp(folder)
                if stamp != seen.get(job):
                    seen[job] = stamp
                    found[job] = self._standing(folder)
                    pause = POLL[0]
                    if tell is not None:
                        tell(found[job])
            left = [job for job in left if not found[job].over]
            if left:
                await asyncio.sleep(pause)
                pause = min(pause * 1.3, POLL[1])
        return found

    async def cancel(self, job: str) -> Standing:
        """See `Dispatcher.cancel`."""
        folder = self._folder(job)
        await asyncio.to_thread(self._withdraw, folder)
        found = self._standing(folder)
        return found if found.over else (await self.wait([job]))[job]

    def artifacts(self, job: str) -> Path:
        """See `Dispatcher.artifacts`."""
        folder = self._folder(job)
        standing = self._standing(folder)
        if standing.status == "done" and folder.whole():
            return folder.out
        lost = standing.status == "done"
        raise JobFailed(
            f"job {job} {'has lost its artifacts' if lost else _IS[standing.status]}"
            + (f": {standing.reason}" if standing.reason else "")
        )

    def fits(self, job: Job) -> None:
        """`ConfigError` where a job could never start for want of resources."""

    def _submit(self, job: Job) -> Standing:
        folder = Folder(self.jobs / job.id)
        with writing(self.jobs):
            if _to_be_queued(folder) or _is_queued(folder):
                self.fits(job)
                launch = self._launch(job)  # looks at modules and environments: not behind the gate
                self._prepare(folder)
                with self.queue.gate():
                    self._enqueue(folder, job, launch)
            self.queue.advance()
        return self._standing(folder)

    def _prepare(self, folder: Folder) -> None:
        """Before a job's papers are written."""
        folder.path.mkdir(parents=True, exist_ok=True)

    def _enqueue(self, folder: Folder, job: Job, launch: Launch) -> None:
        """Whoever asks last says where its data lie and how it is started, as long as it has not begun."""
        new = _to_be_queued(folder)
        if not new and not _is_queued(folder):  # another process came first
            return
        write(folder.path / "job.json", job.model_dump(mode="json"))
        write(folder.path / "launch.json", asdict(launch))
        if not new:
            return
        if folder.out.exists():  # without its manifest: somebody deleted a part
            shutil.rmtree(folder.out)
        self.queue.add(folder)

    def _look(self, jobs: Sequence[str]) -> None:
        """Move the queue on; the jobs named are seen to whatever befell the queue's own folders."""
        with writing(self.jobs):
            with self.queue.gate():
                self.queue.mend(Folder(self.jobs / job) for job in jobs)
            self.queue.advance()

    def _withdraw(self, folder: Folder) -> None:
        with writing(self.jobs), self.queue.gate():
            self.queue.withdraw(folder)

    def _launch(self, job: Job) -> Launch:
        """How to start it; `ConfigError` for what is not there."""
        for one in job.after:
            if Folder(self.jobs / _checked_id(one)).record() is None:
                raise ConfigError(f"job {one}, which should come before it, is unknown here; submit it first")
        python = python_of(self.settings, job.environment)
        ours = not job.environment
        return Launch(
            python=str(python),
            paths=(str(library(self.jobs)), *own_paths(job.module, ours)),
            inputs={name: str(self._input(name, one)) for name, one in job.inputs.items()},
            after={one: str(Folder(self.jobs / one).out) for one in job.after},
            hidden=tuple(one.key_env for one in self.settings.servers.values() if one.key_env),
            environment=job.environment,
            grace_s=self.grace_s,
        )

    def _input(self, name: str, artifact: str) -> Path:
        if not _ARTIFACT.fullmatch(artifact):
            raise ConfigError(f"input {name!r}: {artifact[:60]!r} is no name of an artifact")
        file = self.home / "artifacts" / artifact[:2] / artifact
        if not file.is_file():
            raise ConfigError(f"input {name!r}: artifact {artifact} is not in {self.home / 'artifacts'}")
        return file

    def _folder(self, job: str) -> Folder:
        folder = Folder(self.jobs / _checked_id(job))
        if folder.record() is None:
            raise ConfigError(f"no job {job} in {self.jobs}; `wunder jobs` lists them")
        return folder

    def _standing(self, folder: Folder) -> Standing:
        record = folder.record()
        if record is None:
            raise ConfigError(f"job {folder.id} is gone: somebody deleted {folder.path}")
        try:
            return Standing.model_validate(
                {**asdict(record), "job": _job(folder), "progress": _progress(folder.last_progress())}
            )
        except ValidationError as fault:
            raise ConfigError(f"{folder.path} is of another version of wunderkammer, or damaged: {fault}") from None


@contextmanager
def writing(jobs: Path) -> Iterator[None]:
    """What the file system refuses is the user's to mend."""
    try:
        yield
    except OSError as fault:
        why = fault.strerror or str(fault)
        raise ConfigError(f"{jobs}: {why[:1].lower()}{why[1:]}; set `home` to a folder of yours, with room") from None


def _to_be_queued(folder: Folder) -> bool:
    """Whether nobody works on a job, or will, and its artifacts are not there."""
    record = folder.record()
    return (
        record is None or record.status in ("failed", "cancelled") or (record.status == "done" and not folder.whole())
    )


def _is_queued(folder: Folder) -> bool:
    record = folder.record()
    return record is not None and record.status == "queued"


def _job(folder: Folder) -> Job:
    return Job.model_validate_json((folder.path / "job.json").read_bytes())


def _progress(line: Mapping[str, object] | None) -> Progress | None:
    """A line of progress; None for one that is of another form: a program of somebody else wrote it."""
    if line is None:
        return None
    try:
        return Progress.model_validate(line)
    except ValidationError:
        return None


def _stamp(folder: Folder) -> tuple[int, ...]:
    """Changes whenever the standing or the progress does."""
    found: list[int] = []
    for file in (folder.path / "standing.json", folder.progress):
        try:
            status = file.stat()
        except FileNotFoundError:
            continue
        found += [status.st_ino, status.st_mtime_ns, status.st_size]
    return tuple(found)


def _checked_id(job: str) -> str:
    if not ID.fullmatch(job):
        raise ConfigError(f"{job[:60]!r} is no id of a job; `wunder jobs` lists them")
    return job


def library(jobs: Path) -> Path:
    """A folder with one link, to our package: what another environment imports of ours, and nothing beside it."""
    package = Path(wunderkammer.__file__).parent
    folder = jobs / "library" / content_id(str(package))
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "wunderkammer"
    if not link.is_symlink():
        fresh = folder / f".{time.monotonic_ns()}.link"
        fresh.symlink_to(package)
        fresh.replace(link)
    return folder


def own_paths(module: str, ours: bool) -> tuple[str, ...]:
    """Where a module of the user's is imported from; `ConfigError` where our Python, if the job runs in it, has none.

    What is installed is not named: another environment has it or has not.
    """
    top = module.partition(".")[0]
    known = ours or top == "wunderkammer"
    try:
        root = find_spec(top)
        found = find_spec(module) if known and root is not None else root
    except (ImportError, ValueError) as fault:
        raise ConfigError(f"module {module} cannot be found: {fault}") from None
    if found is None and known:
        raise ConfigError(f"no module {module}: a job names a module with a `main(desk)` that can be imported here")
    if root is None or top == "wunderkammer":
        return ()
    places = [*(root.submodule_search_locations or ()), *([root.origin] if root.origin else [])]
    folder = Path(places[0]).resolve().parent
    return () if folder in _installed() else (str(folder),)


@cache
def _installed() -> frozenset[Path]:
    """Where what is installed lies."""
    return frozenset(Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib", "stdlib"))
