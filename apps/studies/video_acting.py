"""A job: a video model that is shown what to do; `domains/video_decisions/acting.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.apps.studies.video import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Try, shown a demonstration. args: fields of `VideoSettings`."""
    with begun(desk) as trial:
        from wunderkammer.domains.video_decisions.acting import act

        return act(trial.settings, trial.model(), trial.checkpoint, desk.out, desk.tell, time.monotonic, trial.machine)
