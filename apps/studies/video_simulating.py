"""A job: PPO inside a video model, or in the world; `domains/video_decisions/simulating.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.apps.studies.video import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Learn, and try. args: fields of `VideoSettings`."""
    with begun(desk) as trial:
        from wunderkammer.domains.video_decisions.simulating import simulate

        model = trial.model() if trial.settings.place == "inside" else None
        return simulate(trial.settings, model, trial.checkpoint, desk.out, desk.tell, time.monotonic)
