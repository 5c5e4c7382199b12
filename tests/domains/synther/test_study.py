"""The study of made experience: its jobs and which trials share them, what it states, what it reads."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import get_args

import pytest

from wunderkammer import domains
from wunderkammer.agents.science.questions import checked
from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.core.errors import JobFailed
from wunderkammer.core.study import read_study
from wunderkammer.domains.synther.settings import Diet, SyntherSettings
from wunderkammer.domains.synther.study import COLLECT, LIVE, MAKE, PRACTISE, SyntherOptions, SyntherStudy

STUDY = SyntherStudy()
PRESETS = sorted((Path(domains.__file__).parent / "synther/presets").glob("*.toml"))


def candidate(**settings) -> Candidate[SyntherSettings]:
    return Candidate(domain=STUDY.name, genome=SyntherSettings(**settings))


def ids(**settings) -> list[str]:
    return [job.id for job in STUDY.jobs(candidate(**settings))]


def test_a_trial_is_data_rows_made_of_them_and_a_policy() -> None:
    data, made, policy = STUDY.jobs(candidate(diet="synther", seed=3, width=64, hidden=32))
    assert [data.module, made.module, policy.module] == [COLLECT, MAKE, PRACTISE]
    assert (data.after, made.after, policy.after) == ((), (data.id,), (data.id, made.id))
    assert (data.args, made.args, policy.args) == ({}, {"width": 64, "source": "subset"}, {"hidden": 32})
    assert {data.seed, made.seed, policy.seed} == {3}
    assert [job.module for job in STUDY.jobs(candidate(diet="noise"))] == [COLLECT, PRACTISE]


def test_a_life_is_one_job_of_its_own_settings() -> None:
    (alone,) = STUDY.jobs(candidate(diet="lived", ratio=1, hidden=32, width=64, seed=2))
    (dreaming,) = STUDY.jobs(candidate(diet="lived-synther", learner="iql", width=64))
    assert alone.module == dreaming.module == LIVE
    assert alone.args == {"diet": "lived", "world": "pendulum", "ratio": 1, "hidden": 32}
    assert (
        STUDY.text(candidate(diet="lived", learner="iql", seed=2).genome)
        == "sac on lived with the paper's settings, seed 2"
    )
    assert dreaming.args == {"diet": "lived-synther", "world": "pendulum", "width": 64}


def test_trials_share_what_does_not_differ() -> None:
    both = [ids(diet="synther", learner=learner) for learner in ("td3bc", "iql")]
    assert both[0][:2] == both[1][:2]
    assert both[0][2] != both[1][2]
    assert ids(diet="synthetic")[:2] == both[0][:2]
    assert ids(diet="full-synthetic")[1] != both[0][1]
    assert ids(diet="full", share=0.1) == ids(diet="full"), "the share of what is not drawn is nothing"
    assert ids(diet="full-synthetic", share=0.1) == ids(diet="full-synthetic")
    assert ids(diet="subset", width=64) == ids(diet="subset")
    assert ids(diet="subset", share=0.1)[1] != ids(diet="subset")[1]
    assert ids(diet="noise", made=50)[1] != ids(diet="noise")[1]


def test_every_diet_runs_on_its_own_settings() -> None:
    for diet in get_args(Diet):
        for job in STUDY.jobs(candidate(diet=diet, seed=2, made=7, noise=0.1, share=0.2, hidden=8)):
            SyntherSettings(**{name: value for name, value in job.args.items() if name != "source"}, seed=job.seed)


@pytest.mark.parametrize(
    ("options", "count"), [({}, 6), ({"learners": ("iql",)}, 3), ({"table": "online"}, 2)], ids=str
)
def test_what_it_states_can_be_tested(options, count) -> None:
    study = SyntherStudy(SyntherOptions(**options))
    stated = study.hypotheses()
    assert [checked(one, study) for one in stated] == stated
    assert len({one.id for one in stated}) == len(stated) == count


@pytest.mark.parametrize("file", PRESETS, ids=lambda file: file.name)
def test_presets_are_settings(file) -> None:
    SyntherSettings(**read_study(file).given)


def test_seeds_are_every_diet_once() -> None:
    assert [one.diet for one in STUDY.seeds(Random(0))] == list(get_args(Diet))


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"share: 0.001 of 1000 rows leaves fewer than two"):
        SyntherSettings(share=0.001, collected=1000)


def test_figures_come_from_the_policy_and_from_the_rows(tmp_path) -> None:
    one = candidate(diet="synther")
    jobs = STUDY.jobs(one)
    artifacts = {job.id: str(tmp_path / str(place)) for place, job in enumerate(jobs)}
    for place, found in enumerate(
        [{"returned": -150.0}, {"marginal": 0.9, "novelty": 1.1}, {"returned": -300, "normalised": 86}]
    ):
        (tmp_path / str(place)).mkdir()
        (tmp_path / str(place) / "result.json").write_text(json.dumps(found))
    outcome = STUDY.read(one, artifacts)
    assert outcome.score == 86
    assert outcome.measures == {"returned": -300.0, "normalised": 86.0, "marginal": 0.9, "novelty": 1.1}
    (tmp_path / "1" / "clouds.svg").write_text("<svg/>")
    (picture,) = STUDY.pictures([Entry(candidate=one, outcome=outcome)], artifacts)
    assert picture.data == b"<svg/>"
    assert "a small part" in picture.caption
    (tmp_path / "2" / "result.json").write_text('{"returned": -300}')
    with pytest.raises(JobFailed, match="lacks normalised"):
        STUDY.read(one, artifacts)


def test_a_report_has_a_row_for_each_learner_and_diet_and_for_each_source() -> None:
    tried = [
        Entry(
            candidate=candidate(diet=diet, seed=seed),
            outcome=Outcome(
                score=80.0 + seed,
                cell=None,
                measures={"normalised": 80.0 + seed, "returned": -350, "rows": 500}
                | ({"marginal": 0.9 + seed / 100} if diet == "synther" else {}),
            ),
        )
        for diet in ("synther", "subset")
        for seed in (1, 2)
    ]
    tried.append(Entry(candidate=candidate(diet="full"), outcome=Outcome(score=None, cell=None, error="killed")))
    learned, made = STUDY.sections(tried)
    assert [row[:3] for row in learned.rows] == [("td3bc", "subset", 2), ("td3bc", "synther", 2)]
    assert learned.rows[0][3].startswith("81.5 [")
    assert made.rows == (("subset", 2, 0.915, *[None] * 7),)
    assert all(len(row) == len(part.columns) for part in (learned, made) for row in part.rows)
    assert STUDY.sections([]) == []


def test_lives_have_a_table_of_their_own() -> None:
    tried = [
        Entry(
            candidate=candidate(diet=diet, ratio=ratio, seed=seed),
            outcome=Outcome(
                score=90.0, cell=None, measures={"normalised": 90.0, "early": 50.0 + ratio, "returned": -200}
            ),
        )
        for diet, ratio in (("lived", 1), ("lived", 20), ("lived-synther", 20))
        for seed in (1, 2)
    ]
    (lives,) = STUDY.sections(tried)
    assert [row[:3] for row in lives.rows] == [("lived", 1, 2), ("lived", 20, 2), ("lived-synther", 20, 2)]
    assert lives.rows[1][3:] == ("70.0 [70.0, 70.0]", "90.0 [90.0, 90.0]")
