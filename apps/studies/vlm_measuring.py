"""A job: how good the reward of a trial is; `domains/vlm_rewards/measuring.py` does the work."""

from __future__ import annotations

from typing import Any

from wunderkammer.apps.studies.vlm import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Sweep on some labelled frames, measure on others. args: fields of `VlmSettings`."""
    with begun(desk) as trial:
        from wunderkammer.domains.vlm_rewards.measuring import measure

        desk.tell(0, 1, "measuring")
        return measure(trial.settings, trial.clip(), desk.out)
