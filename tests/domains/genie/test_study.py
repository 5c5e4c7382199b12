"""The study of learned worlds: its jobs, its hypotheses, and what it reads."""

from __future__ import annotations

import json
from random import Random

import pytest

from wunderkammer.agents.science.questions import checked
from wunderkammer.core.contract import Candidate
from wunderkammer.core.errors import JobFailed
from wunderkammer.domains.genie.settings import GenieSettings
from wunderkammer.domains.genie.study import AIDS, GenieOptions, GenieStudy, training_job
from wunderkammer.learners.video.settings import FORMAT

STUDY = GenieStudy()


def candidate(**settings) -> Candidate[GenieSettings]:
    return Candidate(domain="genie-study", genome=GenieSettings(**settings))


def test_a_job_is_known_by_what_differs_from_the_preset() -> None:
    (job,) = GenieStudy(GenieOptions(videos="film/coinrun")).jobs(candidate(width=32, seed=4))
    assert job.args == {"width": 32, "videos": "film/coinrun", "format": FORMAT}
    assert job.seed == 4
    assert job.environment == "video"


def test_threads_and_place_do_not_make_another_job_and_another_film_does() -> None:
    job = training_job(GenieSettings(), "film/a", recipe="x")
    assert job.id == training_job(GenieSettings(), "other/a", recipe="x", gpus=1, cores=8).id
    assert job.id != training_job(GenieSettings(), "film/a", recipe="y").id


def test_what_it_states_can_be_tested() -> None:
    stated = STUDY.hypotheses()
    assert [checked(one, STUDY) for one in stated] == stated
    assert len({one.id for one in stated}) == len(stated) == 2 * len(AIDS)
    for one in stated:
        for side in ("treatment", "control"):
            GenieSettings.model_validate(one.settings(side))


def test_a_study_of_some_aids_states_and_begins_with_these_alone() -> None:
    study = GenieStudy(GenieOptions(aids=("residual", "quantiser")))
    assert {name for one in study.hypotheses() for name in one.treatment} == {"residual", "quantiser"}
    assert len(list(study.seeds(Random(0)))) == 3
    assert set(GenieOptions().aids) == {*AIDS}


def test_seeds_are_the_preset_and_each_aid_the_other_way() -> None:
    first, *others = STUDY.seeds(Random(0))
    assert len({one.id for one in (first, *others)}) == 1 + len(AIDS)
    for one, aid in zip(others, AIDS, strict=True):
        assert getattr(one, aid) != getattr(first, aid)


def test_figures_are_read_and_words_are_not(tmp_path) -> None:
    one = candidate()
    (job,) = STUDY.jobs(one)
    (tmp_path / "result.json").write_text(
        json.dumps({"device": "cpu", "delta_psnr": 1.5, "ahead_of_copy": 0.5, "psnr": 25})
    )
    outcome = STUDY.read(one, {job.id: str(tmp_path)})
    assert outcome.score == 1.5
    assert outcome.measures == {"delta_psnr": 1.5, "ahead_of_copy": 0.5, "psnr": 25.0}
    (tmp_path / "result.json").write_text('{"delta_psnr": 0.5}')
    with pytest.raises(JobFailed, match="holds no figures"):
        STUDY.read(one, {job.id: str(tmp_path)})
