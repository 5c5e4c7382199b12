"""What a finished job found, as figures: the numbers of its `result.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from pathlib import Path

from wunderkammer.core.errors import JobFailed
from wunderkammer.core.work import Job

FILE = "result.json"
"""What a job's `main` returns lies in here, in the folder of its artifacts."""


def figures_of(job: Job, artifacts: Mapping[str, str], *needed: str) -> dict[str, float]:
    """The finite numbers among what a job found, by name; words are left out.

    artifacts: folders by the id of the job that made them.

    Raises:
        JobFailed: there is no such file, it is no JSON, or one of `needed` is not among its numbers.
    """
    try:
        found = json.loads((Path(artifacts[job.id]) / FILE).read_text("utf-8"))
        numbers = {name: float(value) for name, value in found.items() if isinstance(value, (int, float))}
    except (OSError, ValueError, KeyError, AttributeError) as fault:
        raise JobFailed(f"{FILE} of job {job.id} holds no figures: {fault}") from fault
    figures = {name: value for name, value in numbers.items() if isfinite(value)}
    lacking = [name for name in needed if name not in figures]
    if lacking:
        raise JobFailed(f"{FILE} of job {job.id} holds no figures: it lacks {', '.join(lacking)}")
    return figures
