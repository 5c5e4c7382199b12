"""A job: one video model learned from its library; `domains/video_decisions/learning.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.apps.studies.video import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Learn. args: fields of `VideoSettings`."""
    with begun(desk) as trial:
        from wunderkammer.domains.video_decisions.learning import learn

        return learn(trial.settings, trial.checkpoint, desk.out, desk.tell, time.monotonic, trial.machine)
