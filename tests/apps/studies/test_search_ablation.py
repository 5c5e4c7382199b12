"""The job of search-study: the same figures each time, and novelty that decides where it is told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from wunderkammer.apps.studies.search_ablation import main, novelty_in
from wunderkammer.core.contract import Candidate
from wunderkammer.core.plan import NoveltySettings
from wunderkammer.domains.search_study.domain import SearchSettings, SearchStudy
from wunderkammer.jobs.desk import Desk

CALLS = 800


def search(folder: Path, **settings: object) -> dict[str, float]:
    genome = SearchSettings(**{"calls": CALLS, "seed": 1, **settings})
    (job,) = SearchStudy().jobs(Candidate(domain="search-study", genome=genome))
    desk = Desk(job.id, job.args, job.seed, {}, {}, folder, folder, folder / "progress.jsonl")
    return main(desk)


def test_what_is_not_said_decides_nothing() -> None:
    assert novelty_in({}) == NoveltySettings()
    assert novelty_in({"novelty_bias": 2, "refuse": 45}) == NoveltySettings(bias=2.0, refuse=0.45)
    assert novelty_in({"novelty_weight": 50}) == NoveltySettings(weight=0.5)


def test_a_bias_for_the_new_changes_what_a_search_does_and_chance_does_not(tmp_path) -> None:
    plain, again = search(tmp_path), search(tmp_path)
    assert plain == again
    # Novelty is known from the fourth step on, and parents are drawn by it three steps later.
    assert search(tmp_path, calls=1600) != search(tmp_path, calls=1600, novelty_bias=8)
    assert (tmp_path / "progress.jsonl").read_text().count('"words": "steps"') >= 3


@pytest.mark.parametrize("duel", [True, False])
def test_a_weight_on_novelty_counts_only_where_scores_decide(tmp_path, duel) -> None:
    plain = search(tmp_path, duel=duel)
    weighed = search(tmp_path, duel=duel, novelty_weight=50)
    assert (weighed == plain) is duel


def test_copies_are_refused_before_they_are_evaluated(tmp_path) -> None:
    plain = search(tmp_path, filter=False)
    refusing = search(tmp_path, filter=False, refuse=45)
    assert refusing["slots"] > plain["slots"]  # the same calls last longer
