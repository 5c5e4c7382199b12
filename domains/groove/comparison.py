"""A trained optimiser on worlds of anybody's, beside one that learned nothing and agents that teach themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from wunderkammer.core.fingerprint import file_hash
from wunderkammer.core.work import Job, Resources
from wunderkammer.domains.groove.settings import Learner

if TYPE_CHECKING:
    from wunderkammer.learners.conduct import Tell

MODULE = "wunderkammer.apps.studies.groove_comparing"
COMPARED, CURVES = "compared.json", "curves.svg"
LEARNERS: tuple[Learner, ...] = get_args(Learner)


def comparing_job(optimiser: Path, worlds: Path | None, seed: int, schooling: int, environment: str) -> Job:
    """The comparison as a job; files are known by their content, wherever they lie.

    worlds: a file of grid worlds; None: those that come with the house. schooling: updates of each agent; 0: as many as
    the optimiser's settings say.
    """
    files = {"optimiser": optimiser, **({"worlds": worlds} if worlds else {})}
    return Job(
        module=MODULE,
        args={f"{name}_content": file_hash(file) for name, file in files.items()} | {"schooling": schooling},
        places={name: str(file.resolve()) for name, file in files.items()},
        seed=seed,
        title=f"{optimiser.name} beside A2C",
        needs=Resources(cores=1, memory_gib=2.0),
        environment=environment,
    )


def compare(optimiser: Path, worlds: Path | None, seed: int, schooling: int, out: Path, tell: Tell) -> dict[str, Any]:
    """Leave `compared.json` (scores in each world, by learner) and `curves.svg` in `out`; each learner's mean score.

    Raises:
        ConfigError: a file holds no optimiser, or no grid worlds.
    """
    from wunderkammer.domains.groove.drawing import Panel, panels
    from wunderkammer.domains.groove.examination import marked, read_settings, update_of
    from wunderkammer.domains.groove.examining import held_out, suite_of
    from wunderkammer.worlds.grids.catalogue import GRIDS

    trained = read_settings(optimiser).model_copy(update={"seed": seed})
    if schooling:
        trained = trained.model_copy(update={"schooling": schooling})
    suite = suite_of(GRIDS.parse(worlds.read_text("utf-8"), str(worlds))) if worlds else held_out()
    found = {}
    for number, learner in enumerate(LEARNERS):
        tell(number, len(LEARNERS), learner)
        settings = trained.model_copy(update={"learner": learner})
        found[learner] = marked(settings, suite, update_of(settings, optimiser), purpose=4)
    tell(len(LEARNERS), len(LEARNERS), "")
    scores = {one: dict(zip(suite.names, map(float, marks.scores), strict=True)) for one, marks in found.items()}
    (out / COMPARED).write_text(json.dumps(scores), "utf-8")
    end = f"{trained.schooling * trained.workers * trained.steps:,} steps"
    shown = [
        Panel(name, {one: marks.curves[place : place + 1] for one, marks in found.items()}, 0.0, 100.0, end)
        for place, name in enumerate(suite.names)
    ]
    (out / CURVES).write_text(panels(shown), "utf-8")
    return {one: float(marks.scores.mean()) for one, marks in found.items()}
