"""A job: one optimiser that learns to teach; `domains/groove/meta_training.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.apps.studies.groove import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Train it. args: fields of `GrooveSettings` but the seed, which is the job's."""
    with begun(desk) as settings:
        from wunderkammer.domains.groove.meta_training import train

        return train(settings, desk.checkpoint / "training", desk.out, desk.tell, time.monotonic)
