"""A job: actions cloned from a video model's film; `domains/video_decisions/cloning.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.apps.studies.video import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Learn, and try. args: fields of `VideoSettings`."""
    with begun(desk) as trial:
        from wunderkammer.domains.video_decisions.cloning import clone

        return clone(trial.settings, trial.checkpoint, desk.out, desk.tell, time.monotonic, trial.machine)
