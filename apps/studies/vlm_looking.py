"""A job: a CLIP learned from captioned rooms; `domains/vlm_rewards/looking.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.apps.studies.vlm import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Learn which sentence goes with which frame. args: fields of `VlmSettings`."""
    with begun(desk) as trial:
        from wunderkammer.domains.vlm_rewards.looking import look

        return look(trial.settings, trial.checkpoint, desk.out, desk.tell, time.monotonic, trial.machine)
