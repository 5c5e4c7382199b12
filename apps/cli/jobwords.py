"""What there is to say of a job, for tables and for scripts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from wunderkammer.apps.cli import screen

if TYPE_CHECKING:
    from wunderkammer.core.work import Standing
    from wunderkammer.jobs.folder import Folder

COLUMNS = ("id", "job", "status", "progress", "left", "worked", "GPU", "why")


def plain(standing: Standing) -> dict[str, Any]:
    """For JSON: the standing, its job's id in front."""
    return {"id": standing.job.id, **standing.model_dump(mode="json")}


def row(folder: Folder, one: Standing) -> tuple[object, ...]:
    """A line of the list, in the order of `COLUMNS`."""
    return (
        one.job.id[:8],
        one.job.title or one.job.module,
        one.status if one.attempt < 2 else f"{one.status} ({one.attempt})",
        screen.line(how_far(one), 60),
        duration(left_s(folder, one)) if one.status == "running" else None,
        duration(worked_s(one)),
        ", ".join(gpu[:12] for gpu in one.gpus) or None,
        screen.line(one.reason, 100) or None,
    )


def facts(folder: Folder, one: Standing) -> Iterator[tuple[str, object]]:
    """All that is known of one job, by name."""
    needs = one.job.needs
    gpus_wanted = f", {needs.gpus} GPU with {needs.gpu_memory_gib:g} GiB free" if needs.gpus else ""
    yield "job", one.job.id
    yield "title", one.job.title
    yield "module", one.job.module
    yield "arguments", ", ".join(f"{name}={value}" for name, value in one.job.args.items())
    yield "seed", one.job.seed
    yield "needs", f"{needs.cores} cores, {needs.memory_gib:g} GiB{gpus_wanted}"
    yield "environment", one.job.environment
    yield "after", ", ".join(one.job.after)
    yield "status", one.status
    yield "why", one.reason
    yield "progress", how_far(one)
    yield "left", duration(left_s(folder, one)) if one.status == "running" else None
    yield "attempt", f"{one.attempt} of {one.job.attempts}"
    yield "worked", duration(worked_s(one))
    yield "where", one.where
    yield "GPUs", ", ".join(one.gpus)
    yield "folder", str(folder.path)


def how_far(one: Standing) -> str:
    """`step 3 of 10, loss 0.5, words`."""
    if one.progress is None:
        return ""
    steps = f"{one.progress.step}" + (f" of {one.progress.of}" if one.progress.of else "")
    return ", ".join([steps, *(f"{k} {v:.4g}" for k, v in one.progress.figures.items()), one.progress.words]).strip(
        ", "
    )


def worked_s(one: Standing) -> float | None:
    """Seconds of work, the attempt under way included."""
    if one.status == "running" and one.started is not None:
        return one.worked_s + max(0.0, time.time() - one.started)
    return one.worked_s or None


def left_s(folder: Folder, one: Standing) -> float | None:
    """Seconds until the last step, at the pace of the latest steps; None where that cannot be said."""
    from wunderkammer.jobs.folder import steps_since

    if one.progress is None or one.progress.of is None or one.started is None:
        return None
    told = steps_since(folder, one.started)
    if len(told) < 2 or told[-1][1] <= told[0][1]:
        return None
    pace = (told[-1][0] - told[0][0]) / (told[-1][1] - told[0][1])
    return max(0.0, (one.progress.of - one.progress.step) * pace - (time.time() - one.progress.at))


def duration(seconds: float | None) -> str | None:
    """`2 h 05 min`, `3 min 07 s`, `12 s`."""
    if seconds is None:
        return None
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return (
        f"{whole // 60} min {whole % 60:02} s" if whole >= 60 else f"{seconds:.2g} s" if seconds < 10 else f"{whole} s"
    )
