"""A job: a video model asked to compute; `domains/video_decisions/examining.py` does the work."""

from __future__ import annotations

from typing import Any

from wunderkammer.apps.studies.video import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Ask. args: fields of `VideoSettings`."""
    with begun(desk) as trial:
        from wunderkammer.domains.video_decisions.examining import examine

        return examine(trial.settings, trial.model(), desk.out, desk.tell)
