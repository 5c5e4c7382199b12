"""The study of video models: its jobs and which trials share them, what it states, what it reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wunderkammer import domains
from wunderkammer.agents.science.questions import checked
from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.core.errors import JobFailed
from wunderkammer.core.study import read_study
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.domains.video_decisions.study import ASK, CLONE, LEARN, VideoOptions, VideoStudy

STUDY = VideoStudy()
PRESETS = sorted((Path(domains.__file__).parent / "video_decisions/presets").glob("*.toml"))


def candidate(**settings) -> Candidate[VideoSettings]:
    return Candidate(domain=STUDY.name, genome=VideoSettings(**settings))


def modules(**settings) -> list[str]:
    return [job.module for job in STUDY.jobs(candidate(**settings))]


def test_a_trial_is_a_model_and_what_is_asked_of_it() -> None:
    learned, asked = STUDY.jobs(candidate(role="compute", seed=3, width=32, exams=8))
    assert [learned.module, asked.module] == [LEARN, ASK["compute"]]
    assert (learned.after, asked.after) == ((), (learned.id,))
    assert learned.args == {"width": 32, "role": "compute"}
    assert asked.args == {"width": 32, "exams": 8, "role": "compute"}
    assert modules(role="plan", learner="cloning") == [CLONE]
    assert modules(role="simulate", place="outside") == [ASK["simulate"]]


def test_roles_in_the_room_of_toys_share_the_model_of_their_seed() -> None:
    plan, simulate, act = (STUDY.jobs(candidate(role=role, seed=1))[0] for role in ("plan", "simulate", "act"))
    assert plan.id == simulate.id
    assert act.args == plan.args | {"prompted": True}
    assert STUDY.jobs(candidate(role="plan", seed=1, again=2))[0].id == plan.id
    assert STUDY.jobs(candidate(role="plan", seed=1, width=32))[0].id != plan.id


def test_every_setting_of_a_job_is_one_that_it_reads_back() -> None:
    for role in ("compute", "plan", "act", "simulate"):
        for other in ({}, {"learner": "cloning"}, {"place": "outside"}):
            for job in STUDY.jobs(candidate(role=role, seed=5, width=32, room=6, exams=9, again=2, updates=7, **other)):
                assert VideoSettings(**job.args, seed=job.seed).role == (
                    role if job.module != LEARN else job.args["role"]
                )


@pytest.mark.parametrize("file", PRESETS, ids=lambda file: file.stem)
def test_presets_state_hypotheses_that_can_be_asked(file: Path) -> None:
    plan = read_study(file)
    study = VideoStudy(VideoOptions(**plan.options))
    assert len(study.hypotheses()) == len(study.settings.roles)
    for one in study.hypotheses():
        checked(one, study)
        assert one.measure in study.measures


def test_figures_are_read_and_lacking_ones_told(tmp_path: Path) -> None:
    one = candidate(role="plan", seed=2)
    artifacts = {}
    for number, job in enumerate(STUDY.jobs(one)):
        (tmp_path / str(number)).mkdir()
        artifacts[job.id] = str(tmp_path / str(number))
    (tmp_path / "0" / "result.json").write_text(json.dumps({"loss": 0.1, "device": "cpu"}))
    (tmp_path / "1" / "result.json").write_text(json.dumps({"success_held": 0.75, "success": 0.8}))
    outcome = STUDY.read(one, artifacts)
    assert outcome.score == 0.75
    assert outcome.measures["video_loss"] == 0.1
    (tmp_path / "1" / "plans.png").write_bytes(b"png")
    (picture,) = STUDY.pictures([Entry(candidate=one, outcome=outcome)], artifacts)
    assert (picture.data, "Plans" in picture.caption) == (b"png", True)
    (tmp_path / "1" / "result.json").write_text("{}")
    with pytest.raises(JobFailed, match="lacks success_held"):
        STUDY.read(one, artifacts)


def test_a_report_has_a_table_for_each_role_that_was_tried() -> None:
    figures = {
        "compute": {"exact": 0.9, "exact_flood": 1.0}, "plan": {"success_held": 0.7}, "act": {"prompted": 0.5},
        "simulate": {"success": 0.9},
    }  # fmt: skip
    tried = [
        Entry(candidate=candidate(role=role, seed=seed), outcome=Outcome(score=0.5, cell=None, measures=found))
        for role, found in figures.items()
        for seed in (1, 2)
    ]
    tables = STUDY.sections(tried)
    assert len(tables) == 4
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)
    flood = next(row for row in tables[0].rows if row[1] == "flood")
    assert flood[2:5] == (2, "7 × 7", "100.0 [100.0, 100.0]")
    assert STUDY.sections([]) == []
