"""What tables say of a job."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wunderkammer.apps.cli import screen
from wunderkammer.apps.jobview import how_far, left_s, worked_s

if TYPE_CHECKING:
    from wunderkammer.core.work import Standing
    from wunderkammer.jobs.folder import Folder

COLUMNS = ("id", "job", "status", "progress", "left", "worked", "GPU", "why")


def row(folder: Folder, one: Standing) -> tuple[object, ...]:
    """A line of the list, in the order of `COLUMNS`."""
    return (
        one.job.id[:8],
        one.job.title or one.job.module,
        one.status if one.attempt < 2 else f"{one.status} ({one.attempt})",
        screen.line(how_far(one), 60),
        duration(left_s(folder, one)),
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
    yield "arguments", ", ".join(f"{name}={value}" for name, value in {**one.job.args, **one.job.places}.items())
    yield "seed", one.job.seed
    yield "needs", f"{needs.cores} cores, {needs.memory_gib:g} GiB{gpus_wanted}"
    yield "environment", one.job.environment
    yield "after", ", ".join(one.job.after)
    yield "status", one.status
    yield "why", one.reason
    yield "progress", how_far(one)
    yield "left", duration(left_s(folder, one))
    yield "attempt", f"{one.attempt} of {one.job.attempts}"
    yield "worked", duration(worked_s(one))
    yield "where", one.where
    yield "GPUs", ", ".join(one.gpus)
    yield "folder", str(folder.path)


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
