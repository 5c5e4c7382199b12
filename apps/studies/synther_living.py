"""A job: a learner that lives, with or without made experience; `domains/synther/living.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.apps.studies.synther import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Live and learn. args: fields of `SyntherSettings`."""
    with begun(desk) as trial:
        from wunderkammer.domains.synther.living import live

        return live(trial.settings, trial.checkpoint, desk.out, desk.tell, time.monotonic)
