"""The study of learned optimisers: its jobs and which trials share them, what it states, its presets."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import get_args

import pytest

from wunderkammer import domains
from wunderkammer.agents.science.questions import checked
from wunderkammer.core.contract import Candidate
from wunderkammer.core.study import read_study
from wunderkammer.domains.groove.settings import GrooveSettings, Score
from wunderkammer.domains.groove.study import GrooveOptions, GrooveStudy

STUDY = GrooveStudy()
PRESETS = sorted((Path(domains.__file__).parent / "groove/presets").glob("*.toml"))


def ids(**settings) -> list[str]:
    return [job.id for job in STUDY.jobs(Candidate(domain=STUDY.name, genome=GrooveSettings(**settings)))]


def test_trials_share_what_does_not_differ() -> None:
    assert ids(pupils=3)[0] == ids()[0], "an examination of another size is of the same training"
    assert ids(pupils=3)[1] != ids()[1]
    assert ids(score="uniform")[0] != ids()[0]
    assert ids(learner="a2c", windows=7) == ids(learner="a2c"), "who is not trained knows nothing of training"


def test_every_job_runs_on_its_own_settings() -> None:
    for settings in ({"score": "l1", "windows": 7, "lives": 9, "side": 6}, {"learner": "untrained", "width": 9}):
        for job in STUDY.jobs(Candidate(domain=STUDY.name, genome=GrooveSettings(**settings, seed=2))):
            GrooveSettings(**job.args, seed=job.seed)


@pytest.mark.parametrize(("against", "count"), [(("uniform",), 3), (("uniform", "positive", "l1", "random"), 6)])
def test_what_it_states_can_be_tested(against, count) -> None:
    study = GrooveStudy(GrooveOptions(against=against))
    stated = study.hypotheses()
    assert [checked(one, study) for one in stated] == stated
    assert len({one.id for one in stated}) == len(stated) == count


@pytest.mark.parametrize("file", PRESETS, ids=lambda file: file.name)
def test_presets_are_settings(file) -> None:
    GrooveSettings(**read_study(file).given)


def test_seeds_are_every_curriculum_once() -> None:
    assert [one.score for one in STUDY.seeds(Random(0))] == list(get_args(Score))


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"smallest": 12}, "smallest is more than side"),
        ({"smallest": 2, "objects": 5}, "does not hold"),
        ({"capacity": 3}, "no fewer levels are kept"),
    ],
)
def test_what_cannot_be_is_refused(settings, why) -> None:
    with pytest.raises(ValueError, match=why):
        GrooveSettings(**settings)
