"""The study of rewards from pictures: its jobs and which trials share them, what it states, what it reads and draws."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import get_args

import numpy as np
import pytest

from wunderkammer import domains
from wunderkammer.agents.science.questions import checked
from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.core.errors import JobFailed
from wunderkammer.core.study import read_study
from wunderkammer.domains.vlm_rewards.hacks import MOST, Hack, keep
from wunderkammer.domains.vlm_rewards.settings import Reward, SizeName, VlmSettings
from wunderkammer.domains.vlm_rewards.standings import trend
from wunderkammer.domains.vlm_rewards.study import LOOK, MEASURE, PRACTISE, VlmOptions, VlmRewardsStudy
from wunderkammer.learners.vlm.clip import SIZES

STUDY = VlmRewardsStudy()
PRESETS = sorted((Path(domains.__file__).parent / "vlm_rewards/presets").glob("*.toml"))


def candidate(**settings) -> Candidate[VlmSettings]:
    return Candidate(domain=STUDY.name, genome=VlmSettings(**settings))


def ids(**settings) -> list[str]:
    return [job.id for job in STUDY.jobs(candidate(**settings))]


def tried(success=None, **settings) -> Entry[VlmSettings]:
    measures = {"success": success, "average_precision": success, "parameters": 100.0}
    outcome = Outcome(score=success, cell=None, measures={} if success is None else measures)
    return Entry(candidate=candidate(**settings), outcome=outcome)


def test_sizes_have_the_names_that_models_have() -> None:
    assert get_args(SizeName) == SIZES


def test_a_trial_is_a_model_its_measurement_and_an_agent() -> None:
    look, measure, agent = STUDY.jobs(candidate(size="s", seed=3, tau=0.1, updates=7, steps=9))
    assert [look.module, measure.module, agent.module] == [LOOK, MEASURE, PRACTISE]
    assert (look.after, measure.after, agent.after) == ((), (look.id,), (look.id, measure.id))
    assert look.args == {"size": "s", "steps": 9}
    assert measure.args == {"tau": 0.1}
    assert agent.args == {"tau": 0.1, "updates": 7}
    for reward in ("true", "none"):
        (alone,) = STUDY.jobs(candidate(reward=reward, size="s", tau=0.1, steps=9))
        assert (alone.module, alone.args) == (PRACTISE, {"reward": reward})


def test_trials_share_what_does_not_differ() -> None:
    one = ids()
    assert ids(updates=5)[:2] == one[:2]
    assert ids(updates=5)[2] != one[2]
    assert ids(template="picture")[0] == one[0]
    assert ids(template="picture")[1:] != one[1:]
    assert not {*ids(reward="shuffled")} & {*one}
    assert ids(reward="true", size="s", captions=99) == ids(reward="true")


@pytest.mark.parametrize(("sizes", "count"), [(("xxs", "l"), 5), (("xxs", "xs", "s", "m"), 7)], ids=str)
def test_what_it_states_can_be_tested(sizes, count) -> None:
    study = VlmRewardsStudy(VlmOptions(sizes=sizes))
    stated = study.hypotheses()
    assert [checked(one, study) for one in stated] == stated
    assert len({one.id for one in stated}) == len(stated) == count


@pytest.mark.parametrize("file", PRESETS, ids=lambda file: file.name)
def test_presets_are_settings(file) -> None:
    plan = read_study(file)
    VlmSettings(**plan.given)
    assert plan.width >= len(VlmRewardsStudy(VlmOptions(**plan.options)).hypotheses())


def test_seeds_are_every_size_and_every_control_once() -> None:
    seeds = list(STUDY.seeds(Random(0)))
    assert [one.size for one in seeds[:5]] == list(SIZES)
    assert [one.reward for one in seeds[5:]] == list(get_args(Reward)[1:])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="patch: 7 does not divide frames of 48 pixels"):
        VlmSettings(patch=7)
    with pytest.raises(ValueError, match="games: 6 cannot be divided"):
        VlmSettings(games=6)


def test_the_trend_is_spearmans_over_all_trials_with_the_models_own_reward() -> None:
    rising = [
        tried(0.1 * place + 0.01 * seed, size=size, seed=seed) for place, size in enumerate(SIZES) for seed in (1, 2, 3)
    ]
    others = [tried(0.9, reward="shuffled", size="xxs"), tried(0.9, reward="true"), tried(size="m", seed=9)]
    found = trend([*rising, *others], "success")
    assert (found.sizes, found.seeds) == (5, 3)
    assert found.rho == pytest.approx(0.98, abs=0.02)
    assert found.low <= found.rho <= found.high
    falling = [tried(0.9 - 0.1 * place, size=size, seed=1) for place, size in enumerate(SIZES)]
    assert trend(falling, "success").rho == pytest.approx(-1)
    assert trend(rising[:6], "success") is None, "two sizes make no trend"
    assert trend([tried(0.5, size=size) for size in SIZES], "success") is None, "and neither do equals"


def test_a_report_has_a_row_for_each_size_and_each_control() -> None:
    entries = [tried(0.2 + place / 9, size=size, seed=seed) for place, size in enumerate(SIZES) for seed in (1, 2)]
    entries += [tried(0.1, reward="none"), tried(0.9, reward="true"), tried(0.1, reward="shuffled", size="l")]
    entries.append(Entry(candidate=candidate(), outcome=Outcome(score=None, cell=None, error="killed")))
    rewards, agents, trends = STUDY.sections(entries)
    assert [row[0] for row in rewards.rows] == [*SIZES, "l, shuffled captions"]
    assert [row[0] for row in agents.rows] == [*SIZES, "l, shuffled captions", "true", "none"]
    assert [row[:3] for row in trends.rows] == [("average precision", 5, 2), ("success", 5, 2)]
    assert "not an off-the-shelf model" in rewards.text
    assert all(len(row) == len(part.columns) for part in (rewards, agents, trends) for row in part.rows)
    assert STUDY.sections([]) == []


def test_figures_and_pictures_come_from_all_three_jobs(tmp_path) -> None:
    one = candidate(seed=2)
    jobs = STUDY.jobs(one)
    artifacts = {job.id: str(tmp_path / str(place)) for place, job in enumerate(jobs)}
    results = [{"parameters": 9}, {"average_precision": 0.9}, {"success": 0.7, "hacked": 0.1}]
    for place, found in enumerate(results):
        (tmp_path / str(place)).mkdir()
        (tmp_path / str(place) / "result.json").write_text(json.dumps(found))
    outcome = STUDY.read(one, artifacts)
    assert outcome.score == 0.7
    assert outcome.measures == {"parameters": 9.0, "average_precision": 0.9, "success": 0.7, "hacked": 0.1}
    curves = {"recall": [0.5, 1], "precision": [1, 0.5], "false_alarms": [0, 1]}
    (tmp_path / "1" / "curves.json").write_text(json.dumps(curves))
    keep(
        [Hack(np.zeros((8, 8, 3), np.uint8), f"the robot is at <{n}>", 0.5) for n in range(20)],
        tmp_path / "2/hacks.png",
    )
    drawn, against, hacks = STUDY.pictures([Entry(candidate=one, outcome=outcome)], artifacts)
    assert drawn.data.count(b"<polyline") == 2
    assert against.data.count(b"<circle") == 2
    assert hacks.media == "image/png"
    assert "size m" in hacks.caption
    (tmp_path / "2" / "result.json").write_text("{}")
    with pytest.raises(JobFailed, match="lacks success"):
        STUDY.read(one, artifacts)


def test_no_mistakes_make_no_picture(tmp_path) -> None:
    keep([], tmp_path / "hacks.png")
    assert not (tmp_path / "hacks.png").exists()
    assert MOST > 0
