"""A job: one plan as a film; `domains/video_decisions/filming.py` does the work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wunderkammer.apps.studies.video import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Plan, try, draw. args: fields of `VideoSettings`; `sentence`; `number`, of the room."""
    args = dict(desk.args)
    sentence, number = str(args.pop("sentence")), int(args.pop("number"))
    with begun(replace(desk, args=args)) as trial:
        from wunderkammer.domains.video_decisions.filming import film_plan, inverse_of
        from wunderkammer.worlds.toys.words import read

        return film_plan(trial.settings, read(sentence), number, trial.model(), inverse_of(desk.after), desk.out)
