"""A job: agents in unseen worlds, taught by an optimiser or by themselves; `domains/groove/examination.py` does it."""

from __future__ import annotations

from typing import Any

from wunderkammer.apps.studies.groove import begun
from wunderkammer.jobs.desk import Desk, Unable


def main(desk: Desk) -> dict[str, Any]:
    """Examine. args: fields of `GrooveSettings` but the seed, which is the job's; the optimiser, where one is examined,
    was left by the job before."""
    with begun(desk) as settings:
        from wunderkammer.domains.groove.examination import sit
        from wunderkammer.domains.groove.settings import OPTIMISER

        found = [folder / OPTIMISER for folder in desk.after.values() if (folder / OPTIMISER).is_file()]
        if settings.learner == "lpg" and not found:
            raise Unable(f"no job before this one left {OPTIMISER}")
        return sit(settings, found[0] if found else None, desk.out, desk.tell)
