"""A job: the data of a trial of made experience; `domains/synther/collecting.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.apps.studies.synther import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Play, and keep all that was seen. args: fields of `SyntherSettings`."""
    with begun(desk) as trial:
        from wunderkammer.domains.synther.collecting import collect

        return collect(trial.settings, trial.checkpoint, desk.out, desk.tell, time.monotonic)
