"""The rule that was fixed beforehand decides, and an undecided hypothesis is told what it lacks."""

from __future__ import annotations

from random import Random

import pytest

from stage.soil import lime, peat
from wunderkammer.agents.science.verdict import Pair, Rule, Trial, command_of, conclude, judge

RULE = Rule(0.05)


def trial(hypothesis, differences, missing=0) -> Trial:
    pairs = [Pair(i, 5.0 + i + d, 5.0 + i) for i, d in enumerate(differences)]
    pairs += [Pair(100 + i, None, 5.0) for i in range(missing)]
    return Trial(hypothesis, pairs, ("c1", "c2"), ("j1",), ("job j2 failed: out of memory",) if missing else ())


def noisy(mean: float, n: int, spread: float = 0.1) -> list[float]:
    rng = Random(4)
    return [mean + rng.uniform(-spread, spread) for _ in range(n)]


@pytest.mark.parametrize(
    ("hypothesis", "mean", "verdict"),
    [
        (lime("higher", 0.4), 1.0, "supported"),
        (lime("higher", 0.4), 0.0, "refuted"),
        (lime("higher", 0.4), -1.0, "refuted"),
        (lime("lower", 0.4), -1.0, "supported"),
        (lime("lower", 0.4), 0.0, "refuted"),
        (lime("same", 0.4), 0.0, "supported"),
        (lime("same", 0.4), 1.0, "refuted"),
        (lime("same", 0.4), -1.0, "refuted"),
    ],
)
def test_a_clear_difference_is_judged_by_its_side_of_the_threshold(hypothesis, mean, verdict) -> None:
    ((found, figures, missing),) = judge([trial(hypothesis, noisy(mean, 10))], RULE)

    assert found == verdict
    assert figures["n"] == 10
    assert missing == ""


def test_too_few_seeds_decide_nothing_and_say_so() -> None:
    ((verdict, _, missing),) = judge([trial(lime("higher", 0.4), noisy(1.0, 4))], RULE)

    assert verdict == "undecided"
    assert missing == "seeds: 4 pairs can prove nothing at this level, 6 are the least"


def test_a_difference_at_the_threshold_asks_for_more_seeds() -> None:
    ((verdict, _, missing),) = judge([trial(lime("higher", 0.4), noisy(0.45, 10, 0.3))], RULE)

    assert verdict == "undecided"
    assert missing.startswith("seeds: about ")


def test_failed_jobs_are_no_result() -> None:
    ((verdict, figures, missing),) = judge([trial(lime("higher", 0.4), noisy(1.0, 9), missing=3)], RULE)

    assert verdict == "undecided"
    assert "difference" not in figures
    assert missing == "measurements: 9 of 12 pairs are whole: job j2 failed: out of memory"


def test_a_few_failures_are_told_and_do_not_stop_the_verdict() -> None:
    ((verdict, figures, _),) = judge([trial(lime("higher", 0.4), noisy(1.0, 10), missing=1)], RULE)

    assert verdict == "supported"
    assert (figures["n"], figures["planned"]) == (10, 11)


def test_a_family_is_corrected_together() -> None:
    alone = judge([trial(lime("higher", 0.4), noisy(1.0, 6))], RULE)
    among = judge([trial(lime("higher", 0.4), noisy(1.0, 6)), *[trial(peat("higher", 0.4), noisy(0.4, 6))] * 4], RULE)

    assert alone[0][0] == "supported"
    assert among[0][0] == "undecided"
    assert among[0][1]["p_corrected"] == 5 * among[0][1]["p"]


def test_a_round_of_true_nulls_is_seldom_wrong() -> None:
    """Three hypotheses at their threshold, 40 times over: the family errs about once in twenty."""
    rng = Random(9)
    wrong = 0
    for _ in range(40):
        trials = [trial(lime("higher", 0.4), [rng.gauss(0.4, 0.5) for _ in range(10)]) for _ in range(3)]
        wrong += any(verdict != "undecided" for verdict, _, _ in judge(trials, RULE))

    assert wrong <= 6


def test_a_finding_says_what_was_written_beforehand() -> None:
    hypothesis = lime("higher", 0.4)
    (finding,) = conclude("s", [trial(hypothesis, noisy(1.0, 10))], RULE, ["wunder study soil"])

    assert finding.hypothesis == hypothesis
    assert finding.threshold == "mean difference of yield > 0.4"
    assert finding.refuted_by == "a mean difference of yield < 0.4, beyond chance"
    assert finding.verdict == "supported"
    assert (finding.evidence, finding.jobs) == (("c1", "c2"), ("j1",))
    assert f"difference {finding.statistics['difference']:+.4g}" in finding.claim


def test_the_command_names_everything_that_decides_the_jobs() -> None:
    command = command_of(lime("higher", 0.4, given={"depth": "deep"}), {"noise": 0.1}, 7, 10, 0.95)

    assert command == (
        "wunder study soil --vary lime=true --against lime=false --given depth=deep -o noise=0.1 "
        "--measure yield --expects higher --margin 0.4 --seed 7 --pairs 10 --confidence 0.95"
    )
