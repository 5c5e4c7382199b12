"""A job: rows made of the rows of a trial; `domains/synther/making.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.apps.studies.synther import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Learn what rows look like, and make more. args: fields of `SyntherSettings`, and `source`."""
    with begun(desk) as trial:
        from wunderkammer.domains.synther.making import make
        from wunderkammer.domains.synther.settings import REPLAY

        full = trial.rows(REPLAY)
        return make(trial.settings, full, trial.source, trial.checkpoint, desk.out, desk.tell, time.monotonic)
