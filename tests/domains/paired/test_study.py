"""The study of mazes: its jobs, its hypotheses, its presets, and what it reads."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from random import Random

import pytest

from wunderkammer import domains
from wunderkammer.agents.science.questions import checked
from wunderkammer.core.contract import Candidate
from wunderkammer.core.errors import JobFailed
from wunderkammer.core.study import read_study
from wunderkammer.domains.paired.methods import METHODS
from wunderkammer.domains.paired.settings import DRIVING, TrainingSettings
from wunderkammer.domains.paired.study import PairedStudy, StudyOptions

STUDY = PairedStudy()
PRESETS = sorted((Path(domains.__file__).parent / "paired/presets").glob("paired-study.*.toml"))


def candidate(**settings) -> Candidate[TrainingSettings]:
    return Candidate(domain="paired-study", genome=TrainingSettings(**settings))


def test_a_job_is_known_by_what_differs_from_the_papers() -> None:
    (job,) = STUDY.jobs(candidate(method="sfl", size=9, walls=20, seed=4))
    assert job.args == {"method": "sfl", "size": 9, "walls": 20, "tries": 8}
    assert job.seed == 4
    assert TrainingSettings(**job.args, seed=job.seed) == candidate(method="sfl", size=9, walls=20, seed=4).genome


@pytest.mark.parametrize("table", ["curation", "adversary", "all", "driving"])
def test_what_it_states_can_be_tested(table) -> None:
    study = PairedStudy(StudyOptions(table=table))
    stated = study.hypotheses()
    assert [checked(one, study) for one in stated] == stated
    assert len({one.id for one in stated}) == len(stated)


@pytest.mark.parametrize("file", PRESETS, ids=lambda file: file.name)
def test_presets_are_settings(file) -> None:
    plan = read_study(file)
    for method in DRIVING if plan.given.get("world") == "car" else METHODS:
        settings = TrainingSettings(**plan.given, method=method)
        assert settings.updates % settings.report == 0
    assert set(tomllib.loads(file.read_text()).get("options", {})) <= set(StudyOptions.model_fields)


def test_there_are_the_presets_that_the_page_names() -> None:
    assert [file.name.split(".")[1] for file in PRESETS] == ["adversary", "car", "cpu", "gpu", "smoke"]


def test_seeds_are_every_method_once() -> None:
    assert [one.method for one in STUDY.seeds(Random(0))] == list(METHODS)


def test_figures_are_read_and_words_are_not(tmp_path) -> None:
    one = candidate()
    (job,) = STUDY.jobs(one)
    (tmp_path / "result.json").write_text(
        json.dumps({"method": "dr", "solved": 0.5, "solved_equal_steps": 0.4, "walls": 7})
    )
    outcome = STUDY.read(one, {job.id: str(tmp_path)})
    assert outcome.score == 0.5
    assert outcome.measures == {"solved": 0.5, "solved_equal_steps": 0.4, "walls": 7.0}
    (tmp_path / "result.json").write_text('{"solved": 0.5}')
    with pytest.raises(JobFailed, match="holds no figures"):
        STUDY.read(one, {job.id: str(tmp_path)})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"envs": 6, "minibatches": 4}, "4 do not divide 6 envs"),
        ({"updates": 15, "report": 10, "test": 10}, "updates: must be a multiple of report"),
        ({"size": 5, "walls": 24}, "at most 23 in a maze of 5 × 5"),
        ({"large": 50}, "a perfect maze has odd sides, not 50"),
        ({"pool": 5, "keep": 6}, "at most the 5 of the pool"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings, words) -> None:
    with pytest.raises(ValueError, match=words):
        TrainingSettings(**settings)
