"""Who runs jobs: the protocol that local processes, Ray and Slurm share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from wunderkammer.core.work import Job, Standing


class Dispatcher(Protocol):
    """Takes jobs and says what became of them. Any number of processes may use one home at the same time.

    A job outlives whoever submitted it. Its folder HOME/jobs/ID is the truth about it.
    """

    name: ClassVar[str]

    async def submit(self, job: Job) -> Standing:
        """Queue a job, or join the one that is there: queued, running or done, it is not run again. One that failed or
        was cancelled is queued anew and goes on from its checkpoint. `ConfigError` where it could never start: no such
        module, environment, input or resource."""
        ...

    async def standing(self, job: str) -> Standing:
        """Where a job stands; `ConfigError` for an unknown id. Notices that a dead job is dead."""
        ...

    async def all(self) -> Sequence[Standing]:
        """Every job of the home, oldest first."""
        ...

    async def wait(self, jobs: Sequence[str], tell: Callable[[Standing], None] | None = None) -> Mapping[str, Standing]:
        """Until all are over; `tell` hears of every change and of new progress. Being cancelled leaves them running."""
        ...

    async def cancel(self, job: str) -> Standing:
        """End a job with everything that it started; one that is over stays as it is."""
        ...

    def artifacts(self, job: str) -> Path:
        """The folder of a finished job's artifacts; `JobFailed` with the reason where it is not done."""
        ...
