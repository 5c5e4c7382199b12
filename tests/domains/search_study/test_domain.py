"""The search as a thing that is studied: its settings, what it states, and names that last."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace

import pytest

from wunderkammer.agents.science.questions import checked
from wunderkammer.core.contract import Candidate
from wunderkammer.core.errors import JobFailed
from wunderkammer.core.study import settings_of
from wunderkammer.domains.search_study.domain import SearchSettings, SearchStudy

STUDY = SearchStudy()


def test_searches_without_novelty_keep_the_names_they_had_before_it_was_a_setting() -> None:
    candidate = Candidate(domain="search-study", genome=SearchSettings(filter=False, calls=1200, seed=7))
    (job,) = STUDY.jobs(candidate)
    assert candidate.id == "1751710bc57e2f78f474f229"
    assert job.id == "52d99aa1f55239c17b490075"
    assert not {"novelty_bias", "novelty_weight", "refuse"} & job.args.keys()


@pytest.mark.parametrize("setting", [{"novelty_bias": 2}, {"novelty_weight": 50}, {"refuse": 45}])
def test_novelty_is_told_to_the_job_where_it_decides(setting) -> None:
    genome = SearchSettings(**setting, seed=7)
    (job,) = STUDY.jobs(Candidate(domain="search-study", genome=genome))
    assert setting.items() <= job.args.items()
    assert SearchSettings(**genome.model_dump()) == genome
    ((name, value),) = setting.items()
    assert STUDY.text(genome) == f"search with {name}={value}, seed 7"


def test_what_it_states_can_be_tested_and_has_the_margins_of_its_measures() -> None:
    stated = STUDY.hypotheses()
    assert [checked(one, STUDY) for one in stated] == stated
    assert len({one.id for one in stated}) == len(stated)
    assert all(one.margin == STUDY.measures[one.measure] for one in stated)
    novelty = next(one for one in stated if "novelty_bias" in one.treatment)
    assert novelty.threshold == "mean difference of found > 0.05"


def test_seeds_are_the_whole_and_each_setting_changed_by_itself() -> None:
    whole, *others = STUDY.seeds(Random(1))
    changed = [{k for k in SearchSettings.model_fields if getattr(one, k) != getattr(whole, k)} for one in others]
    assert all(len(names) == 1 for names in changed)
    assert set().union(*changed) == set(settings_of(SearchSettings))


async def test_a_variation_changes_one_setting() -> None:
    lab = SimpleNamespace(rng=Random(2))
    genome = SearchSettings(seed=3)
    for _ in range(20):
        parent = Candidate(domain="search-study", genome=genome)
        varied = await STUDY.vary([parent], None, lab)
        assert sum(getattr(varied, k) != getattr(genome, k) for k in SearchSettings.model_fields) == 1
        genome = varied


def test_a_job_that_left_no_figures_has_failed(tmp_path) -> None:
    candidate = Candidate(domain="search-study", genome=SearchSettings())
    (job,) = STUDY.jobs(candidate)
    (tmp_path / "result.json").write_text('{"found": 0.5}')
    with pytest.raises(JobFailed, match="holds no figures"):
        STUDY.read(candidate, {job.id: str(tmp_path)})
