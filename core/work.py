"""Work that outlives a call: jobs, what they need, and where they stand."""

from __future__ import annotations

from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id


class Resources(Frozen):
    """What a job needs to start."""

    cores: int = Field(1, ge=1)
    memory_gib: float = Field(1.0, gt=0)
    gpus: int = Field(0, ge=0)
    gpu_memory_gib: float = Field(0.0, ge=0)
    """Free memory that each of its GPUs must have."""


class Job(Frozen):
    """A unit of training or measurement. Its hash is its id, so that dispatching it twice runs it once."""

    module: str = Field(pattern=r"^[A-Za-z_][\w.]*$")
    """Import name of a module with a `main(desk)`, run as a program of its own; see `wunderkammer.jobs.desk`."""
    args: dict[str, str | int | float | bool] = Field(default_factory=dict)
    seed: int = 0
    places: dict[str, str] = Field(default_factory=dict)
    """More arguments: where something lies on this machine whose content `args` names already, such as a model beside
    its hash. No part of the id, so that what lies elsewhere, or has moved, is the same work."""
    inputs: dict[str, str] = Field(default_factory=dict)
    """Files that it reads: its own name for each, and the artifact's name in HOME/artifacts (a content hash)."""
    after: tuple[str, ...] = ()
    """Ids of jobs whose artifacts it consumes; it starts when they are done."""
    version: int = 1
    """Raised when the module would now find something else for the same arguments."""
    title: str = ""
    """What people read in lists."""
    needs: Resources = Resources()
    environment: str = ""
    """Name of the virtual environment that it runs in (`[jobs.environments]`, or `wunder setup`); empty: ours."""
    limit_s: float | None = Field(None, gt=0)
    """It is ended after so long, over all attempts."""
    attempts: int = Field(2, ge=1, le=20)
    """How often it may be started when it dies of something else than its own clear fault; each goes on from the
    checkpoint of the one before."""

    @model_validator(mode="after")
    def _one_meaning_a_name(self) -> Self:
        if twice := sorted(self.args.keys() & self.places.keys()):
            raise ValueError(f"{twice[0]} is an argument and a place")
        return self

    @cached_property
    def id(self) -> str:
        """Of what is computed. What it is called, where it runs, where things lie and how long it may take are no part
        of it."""
        return content_id("job", self.module, self.args, self.seed, self.inputs, self.after, self.version)


JobStatus = Literal["queued", "running", "done", "failed", "cancelled"]


class Progress(Frozen):
    """One line of a job's progress."""

    at: float
    """Seconds since the epoch."""
    step: int
    of: int | None = None
    """How many steps there will be, where that is known."""
    figures: dict[str, float] = Field(default_factory=dict)
    words: str = ""


class Standing(Frozen):
    """Where a job stands."""

    job: Job
    status: JobStatus
    reason: str = ""
    """One line: why it waits, failed, or was cancelled."""
    attempt: int = 0
    """The latest, from 1; 0: none was started."""
    submitted: float
    started: float | None = None
    """Of the latest attempt."""
    ended: float | None = None
    worked_s: float = 0.0
    """Over all attempts."""
    gpus: tuple[str, ...] = ()
    """Ids of the devices that it holds or held."""
    where: str = ""
    """Which dispatcher has it, and under which name there: `local 4711`, `ray raysubmit_…`, `slurm 12`."""
    progress: Progress | None = None
    """The last line."""

    @property
    def over(self) -> bool:
        return self.status in ("done", "failed", "cancelled")
