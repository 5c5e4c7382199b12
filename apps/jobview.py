"""What there is to say of jobs and GPUs, for terminals and for pages: which is meant, how far it is, who has what."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.core.work import Progress, Standing
from wunderkammer.jobs.choice import dispatcher
from wunderkammer.jobs.devices import Device, devices
from wunderkammer.jobs.folder import Folder, steps_since, tail
from wunderkammer.jobs.leases import Leases
from wunderkammer.jobs.queue import gate

MOST_POINTS = 400
"""Of a curve: more lines of progress than that are thinned."""
MOST_TOLD = 4 * 2**20
"""Bytes at the end of a job's progress that a curve is drawn of."""


def folder_of(settings: Settings, job: str) -> Folder:
    """The folder of a job by its whole id."""
    return Folder(settings.home.expanduser().resolve() / "jobs" / job)


async def everything(settings: Settings) -> list[Standing]:
    """Every job of the home, oldest first; none, and no folder made, where there never was one."""
    if not (settings.home.expanduser() / "jobs").is_dir():
        return []
    return list(await dispatcher(settings).all())


async def find(settings: Settings, wanted: str) -> Standing:
    """The job whose id begins so; `latest`: the one that was submitted last. `ConfigError`: none, or several."""
    found = await everything(settings)
    if not found:
        raise ConfigError(f"no jobs in {settings.home}")
    if wanted == "latest":
        return found[-1]
    fitting = [one for one in found if wanted and one.job.id.startswith(wanted)]
    if len(fitting) != 1:
        what = "no job begins with" if not fitting else f"{len(fitting)} jobs begin with"
        raise ConfigError(f"{what} {wanted[:40]!r}; `wunder jobs` lists them")
    return fitting[0]


def plain(standing: Standing) -> dict[str, Any]:
    """For JSON: the standing, its job's id in front."""
    return {"id": standing.job.id, **standing.model_dump(mode="json")}


def how_far(one: Standing) -> str:
    """`step 3 of 10, loss 0.5, words`."""
    if one.progress is None:
        return ""
    steps = f"{one.progress.step}" + (f" of {one.progress.of}" if one.progress.of else "")
    figures = (f"{name} {value:.4g}" for name, value in one.progress.figures.items())
    return ", ".join([steps, *figures, one.progress.words]).strip(", ")


def worked_s(one: Standing) -> float | None:
    """Seconds of work, the attempt under way included."""
    if one.status == "running" and one.started is not None:
        return one.worked_s + max(0.0, time.time() - one.started)
    return one.worked_s or None


def left_s(folder: Folder, one: Standing) -> float | None:
    """Seconds until the last step, at the pace of the latest steps; None where that cannot be said."""
    if one.status != "running" or one.progress is None or one.progress.of is None or one.started is None:
        return None
    told = steps_since(folder, one.started)
    if len(told) < 2 or told[-1][1] <= told[0][1]:
        return None
    pace = (told[-1][0] - told[0][0]) / (told[-1][1] - told[0][1])
    return max(0.0, (one.progress.of - one.progress.step) * pace - (time.time() - one.progress.at))


def curves(folder: Folder, most: int = MOST_POINTS) -> dict[str, list[tuple[int, float]]]:
    """Every figure that a job told of its progress, by name: (step, value) in the order told, at most `most` of each.

    Where an attempt went back to a checkpoint, what it told again takes the place of what was told before.
    """
    found: dict[str, dict[int, float]] = {}
    for told in _told(folder):
        for name, value in told.figures.items():
            if isfinite(value):
                found.setdefault(name, {})[told.step] = value
    return {name: _thinned(sorted(points.items()), most) for name, points in found.items()}


def _told(folder: Folder) -> Iterator[Progress]:
    for line in tail(folder.progress, MOST_TOLD).splitlines():
        try:
            yield Progress.model_validate(json.loads(line))
        except ValueError:  # cut off, or a program of somebody else wrote it
            continue


def _thinned(points: list[tuple[int, float]], most: int) -> list[tuple[int, float]]:
    if len(points) <= most:
        return points
    return [points[round(i * (len(points) - 1) / (most - 1))] for i in range(most)]


@dataclass(frozen=True)
class Lent:
    """A GPU of this machine, and who has it."""

    device: Device
    job: str | None
    """Id of the job that holds its lease."""
    usable: bool
    """Whether the settings let jobs have it."""

    def plain(self) -> dict[str, str | int | float | bool | None]:
        """By the names that tables and scripts have."""
        device = self.device
        return {
            "gpu": device.index,
            "name": device.name,
            "memory_gib": device.memory_gib,
            "free_gib": device.free_gib,
            "job": self.job,
            "usable": self.usable,
            "id": device.id,
        }


def lent(settings: Settings, listed: Path | None = None) -> list[Lent]:
    """The GPUs of this machine with their holders; none where no GPU is seen. listed: as `jobs.devices.devices`."""
    found, allowed = devices(listed), settings.jobs.gpus
    jobs = settings.home.expanduser().resolve() / "jobs"
    holders: dict[str, str | None] = {}
    if found and jobs.is_dir():
        with gate(jobs):
            holders = {one.id: Leases(jobs / "leases").holder(one.id) for one in found}
    return [Lent(one, holders.get(one.id), allowed is None or one.index in allowed) for one in found]
