"""Jobs on a Slurm cluster, by submitit: `Dispatcher` of name `slurm`.

submitit pickles a function call into the job's folder and a node of the cluster unpickles it there. That call is always
`keep(FOLDER, WHERE)` below, a function of ours with two texts; nothing that a model or a job wrote is in it, its result
is never read back, and the folder is the user's own.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import submitit
from submitit.core.utils import FailedJobError, FailedSubmissionError, JobPaths
from submitit.local.local import LocalJob
from submitit.slurm.slurm import SlurmJob

from wunderkammer.core.errors import ConfigError, WunderError
from wunderkammer.core.settings import Settings
from wunderkammer.core.work import Job
from wunderkammer.jobs import surroundings
from wunderkammer.jobs.cluster import Cluster, News, Silent, keeper, roots
from wunderkammer.jobs.dispatching import Dispatching
from wunderkammer.jobs.folder import Errand, Folder, tail

FRESH = 2.0
"""Seconds for which an answer of sacct is good for all jobs."""
UNHEARD = 600.0
"""Seconds after a hand-in for which sacct may not know of it yet."""
DAY_MIN = 24 * 60
"""Minutes that Slurm is asked for where neither the job nor the settings say."""
SLACK_MIN = 10
"""Minutes beyond a job's own limit, so that its keeper ends it and not Slurm."""
_NOT_YET = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD", "SPECIAL_EXIT")
_RUNS = ("RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING")


def keep(folder: str, where: str) -> int:
    """What Slurm runs, the only thing: the keeper of one job, to its end; its exit code.

    submitit turns Slurm's warning before a time limit or a preemption into an exception here; the keeper is asked to
    leave then, and the job goes on from its checkpoint in its next attempt.
    """
    place = f"{where} {submitit.JobEnvironment().job_id}"
    path = Path(folder)
    env = {**surroundings.clean(Folder(path).launch().hidden), "PYTHONPATH": roots()}
    with subprocess.Popen(keeper(sys.executable, path, place), stdin=subprocess.DEVNULL, cwd=path, env=env) as process:
        try:
            return process.wait()
        finally:
            process.terminate()


class SlurmDispatcher(Dispatching):
    """Slurm decides where and when; what it refuses for ever, it says itself when the job is handed in."""

    name: ClassVar[str] = "slurm"

    def __init__(self, settings: Settings, *, grace_s: float = 5.0) -> None:
        """grace_s: see `Dispatching`."""
        self.scheduler = SlurmScheduler(settings.jobs.slurm)
        super().__init__(settings, Cluster(self.scheduler), grace_s=grace_s)

    def fits(self, job: Job) -> None:
        """`ConfigError` where there is no Slurm here, or a parameter that submitit does not know."""
        self.scheduler.check()
        self.jobs.mkdir(parents=True, exist_ok=True)
        self.scheduler.executor(self.jobs)


class SlurmScheduler:
    """The `Scheduler` over submitit: Slurm, or processes of this machine where `executor = "local"`."""

    name = "slurm"
    title = "Slurm"

    def __init__(self, parameters: Mapping[str, str | int | float]) -> None:
        """parameters: `[jobs.slurm]`."""
        self.cluster = str(parameters.get("executor", "slurm"))
        if self.cluster not in ("slurm", "local"):
            raise ConfigError(f"[jobs.slurm] executor {self.cluster!r}: one of slurm, local")
        self.parameters = {name: value for name, value in parameters.items() if name != "executor"}
        self._asked = float("-inf")
        self._children: dict[str, LocalJob[int]] = {}

    def check(self) -> None:
        if self.cluster == "slurm" and (missing := [name for name in ("sbatch", "srun", "sacct") if not _there(name)]):
            raise Silent(f"no {missing[0]} here: use a login node of the cluster, or another [jobs] dispatcher")

    def submit(self, folder: Folder, name: str) -> str:
        executor = self.executor(_papers(folder))
        executor.update_parameters(**{"name": name, **_wants(folder.errand()), **self.parameters})
        try:
            job = executor.submit(keep, str(folder.path), self.name)
        except (FailedJobError, FailedSubmissionError, subprocess.CalledProcessError) as fault:
            raise WunderError(f"Slurm refused it: {' '.join(str(fault).split())[:300]}") from None
        if isinstance(job, LocalJob):
            self._children[job.job_id] = job
        return job.job_id

    def news(self, folder: Folder, one: str) -> News:
        if not one.isdecimal():
            return News("gone")  # we were killed before Slurm gave it a number; it will find that out itself
        return self._local(one) if self.cluster == "local" else self._slurm(folder, one)

    def stop(self, folder: Folder, one: str) -> None:
        if not one.isdecimal():
            return
        if self.cluster == "slurm":
            SlurmJob[int](_papers(folder), one).cancel(check=False)
        elif one in self._children:
            self._children[one].cancel(check=False)

    def log(self, folder: Folder, one: str) -> str:
        paths = JobPaths(_papers(folder), one) if one.isdecimal() else None
        return "" if paths is None else tail(paths.stdout, 2000) + tail(paths.stderr, 2000)

    def executor(self, folder: Path) -> submitit.AutoExecutor:
        """submitit's, with the user's parameters; `ConfigError` for one that it does not know."""
        try:
            found = submitit.AutoExecutor(folder=folder, cluster=self.cluster)
            found.update_parameters(**self.parameters)
        except (NameError, TypeError, ValueError, AssertionError) as fault:
            raise ConfigError(f"[jobs.slurm]: {' '.join(str(fault).split())[:300]}") from None
        return found

    def _slurm(self, folder: Folder, one: str) -> News:
        watcher = SlurmJob.watcher
        fresh = time.monotonic() - self._asked < FRESH
        if not fresh:
            self._asked = time.monotonic()
        state = watcher.get_state(one, mode="cache" if fresh else "force").upper()
        return fate(state, time.time() - (folder.path / "ticket.json").stat().st_mtime)

    def _local(self, one: str) -> News:
        if one in self._children:
            return News("runs" if self._children[one].state == "RUNNING" else "ended")
        try:
            command = Path("/proc", one, "cmdline").read_bytes()
        except OSError:
            return News("ended")
        return News("runs" if b"submitit" in command else "ended")


def fate(state: str, age_s: float) -> News:
    """What a state of sacct means for a job that was handed in so long ago."""
    word = state.partition(" ")[0].rstrip("+")  # CANCELLED by 1000
    if word in _NOT_YET:
        return News("waits", f"waits in the queue of Slurm ({word.lower()})")
    if word in _RUNS:
        return News("runs", word)
    if word == "UNKNOWN":
        return News("waits" if age_s < UNHEARD else "gone", "Slurm has not heard of it yet")
    return News("stopped" if word == "CANCELLED" else "ended", f"Slurm says {word.lower()}")


def _wants(errand: Errand) -> dict[str, int | float]:
    """What a job needs, as submitit calls it."""
    need = errand.needs
    limit = DAY_MIN if errand.limit_s is None else math.ceil(errand.limit_s / 60) + SLACK_MIN
    wants: dict[str, int | float] = {
        "cpus_per_task": need.cores, "mem_gb": need.memory_gib, "nodes": 1, "tasks_per_node": 1, "timeout_min": limit,
    }  # fmt: skip
    return {**wants, "gpus_per_node": need.gpus} if need.gpus else wants


def _papers(folder: Folder) -> Path:
    return folder.path / "slurm"


def _there(command: str) -> bool:
    return shutil.which(command) is not None
