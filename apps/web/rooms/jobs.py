"""Jobs: the queue, leases, logs, losses, cancelling."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from wunderkammer.apps import joblog, jobview
from wunderkammer.apps.web.context import Here
from wunderkammer.apps.web.faults import Refused, looked_up
from wunderkammer.apps.web.lasting import lasting
from wunderkammer.core.contract import Frozen
from wunderkammer.core.work import JobStatus, Standing
from wunderkammer.jobs.choice import dispatcher
from wunderkammer.jobs.folder import read

router = APIRouter(prefix="/api", tags=["jobs"])
STREAM: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}, "description": "Events."}}


class Line(Frozen):
    """One job in the list."""

    id: str
    title: str
    status: JobStatus
    attempt: int
    step: int | None
    of: int | None
    how_far: str
    worked_s: float | None
    left_s: float | None
    gpus: tuple[str, ...]
    reason: str
    submitted: float


class Jobs(Frozen):
    """Jobs, those that are not over first, the newest first among them."""

    dispatcher: str
    counts: dict[JobStatus, int]
    jobs: tuple[Line, ...]


class File(Frozen):
    name: str
    size: int
    sha256: str


class Sight(Frozen):
    """All that is known of one job."""

    line: Line
    standing: Standing
    curves: dict[str, tuple[tuple[int, float], ...]]
    """Every figure of its progress by name: (step, value)."""
    files: tuple[File, ...]
    result: dict[str, Any] | None
    folder: str


class Gpu(Frozen):
    """A GPU of this machine, and the job that has it."""

    gpu: int
    name: str
    memory_gib: float
    free_gib: float
    job: str | None
    usable: bool
    id: str


@router.get("/jobs", responses=Refused)
async def list_jobs(
    here: Here, status: JobStatus | None = None, count: Annotated[int, Query(ge=1, le=1000)] = 100
) -> Jobs:
    """Every job: where it stands, how far and how fast it is, what it holds, why it waits or failed."""
    found = await jobview.everything(here.settings)
    counts: dict[JobStatus, int] = {}
    for one in found:
        counts[one.status] = counts.get(one.status, 0) + 1
    chosen = [one for one in found if status in (None, one.status)]
    chosen.sort(key=lambda one: (one.over, -one.submitted))
    lines = await asyncio.to_thread(lambda: tuple(_line(here, one) for one in chosen[:count]))
    return Jobs(dispatcher=here.settings.jobs.dispatcher, counts=counts, jobs=lines)


@router.get("/gpus", responses=Refused)
def list_gpus(here: Here) -> list[Gpu]:
    """The GPUs of this machine, and which job holds which; none where no driver is seen."""
    return [Gpu.model_validate(one.plain()) for one in jobview.lent(here.settings)]


@router.get("/jobs/{job}", responses=Refused)
async def show_job(here: Here, job: str) -> Sight:
    """One job: what it is, where it stands, what it told of its progress, what it made."""
    one = await _found(here, job)
    return await asyncio.to_thread(_sight, here, one)


@router.get("/jobs/{job}/log", response_class=Response, responses={**Refused, **STREAM})
async def follow_log(here: Here, job: str, lines: Annotated[int, Query(ge=0, le=2000)] = 200) -> EventSourceResponse:
    """The end of a job's log, and what is added to it until it is over: events `begin`, `words` and `end`."""
    one = await _found(here, job)
    folder = jobview.folder_of(here.settings, one.job.id)

    async def told() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(json.dumps(one.job.id), event="begin")
        async for words in joblog.follow(here.settings, folder, lines):
            yield ServerSentEvent(json.dumps(words), event="words")
        yield ServerSentEvent(json.dumps(one.job.id), event="end")

    return lasting(here, told())


@router.post("/jobs/{job}/cancel", responses=Refused)
async def cancel_job(here: Here, job: str) -> Line:
    """End a job with everything that it started; one that is over stays as it is."""
    one = await _found(here, job)
    ended = await dispatcher(here.settings).cancel(one.job.id)
    return await asyncio.to_thread(_line, here, ended)


@router.post("/jobs/{job}/retry", responses=Refused)
async def retry_job(here: Here, job: str) -> Line:
    """Queue a job again that failed or was cancelled; it goes on from its checkpoint."""
    one = await _found(here, job)
    queued = await dispatcher(here.settings).submit(one.job)
    return await asyncio.to_thread(_line, here, queued)


async def _found(here: Here, job: str) -> Standing:
    with looked_up():
        return await jobview.find(here.settings, job)


def _line(here: Here, one: Standing) -> Line:
    folder, progress = jobview.folder_of(here.settings, one.job.id), one.progress
    return Line(
        id=one.job.id,
        title=one.job.title or one.job.module,
        status=one.status,
        attempt=one.attempt,
        step=progress.step if progress else None,
        of=progress.of if progress else None,
        how_far=jobview.how_far(one),
        worked_s=jobview.worked_s(one),
        left_s=jobview.left_s(folder, one),
        gpus=one.gpus,
        reason=one.reason,
        submitted=one.submitted,
    )


def _sight(here: Here, one: Standing) -> Sight:
    folder = jobview.folder_of(here.settings, one.job.id)
    made = read(folder.out / "manifest.json") or {}
    return Sight(
        line=_line(here, one),
        standing=one,
        curves={name: tuple(points) for name, points in jobview.curves(folder).items()},
        files=tuple(File(**{key: file[key] for key in File.model_fields}) for file in made.get("files", [])),
        result=read(folder.out / "result.json"),
        folder=str(folder.path),
    )
