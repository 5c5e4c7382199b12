"""A job: one policy learned from rows alone; `domains/synther/practising.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.apps.studies.synther import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Learn from the diet. args: fields of `SyntherSettings`."""
    with begun(desk) as trial:
        from wunderkammer.domains.synther.practising import practise
        from wunderkammer.domains.synther.settings import MADE, MADE_OF, REPLAY

        made = trial.rows(MADE) if trial.settings.diet in MADE_OF else None
        full = trial.rows(REPLAY)
        return practise(trial.settings, full, made, trial.checkpoint, desk.out, desk.tell, time.monotonic)
