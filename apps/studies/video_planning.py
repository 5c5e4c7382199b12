"""A job: a video model as planner; `domains/video_decisions/planning.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.apps.studies.video import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Read actions off foreseen frames, and try. args: fields of `VideoSettings`."""
    with begun(desk) as trial:
        from wunderkammer.domains.video_decisions.planning import plan

        return plan(trial.settings, trial.model(), trial.checkpoint, desk.out, desk.tell, time.monotonic, trial.machine)
