"""Regret, failures against their measure, and the vulnerabilities that elites are sorted into."""

from __future__ import annotations

import numpy as np
import pytest

from stage.pitch import FIGURES, Arithmetic
from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.domains.madrid.failures import FAILURES, failures
from wunderkammer.domains.madrid.matches import Matches, regrets
from wunderkammer.domains.madrid.scenario import Scenario
from wunderkammer.domains.madrid.vulnerabilities import ADVERSARIAL, FEWEST, found_in


def level(x: float, y: float = 0.0, reference: str = "strong") -> Scenario:
    sides = {"left": ((-0.97, 0.0), (-0.2, 0.1)), "right": ((0.97, 0.0), (0.3, -0.2))}
    return Scenario(**sides, ball=(x, y), reference=reference)


def test_regret_is_what_the_reference_wins_more_than_the_target_in_its_place() -> None:
    engine = Arithmetic(repeats=400)
    (trial,) = regrets(engine, "target", [level(0.9)], [3])
    assert trial.reference == pytest.approx(0.9, abs=0.06)
    assert trial.target == pytest.approx(0.5, abs=0.08)
    assert trial.regret == trial.reference - trial.target
    assert trial.won == pytest.approx(trial.reference)
    assert 0 < trial.spread < 0.1


def test_both_are_played_by_the_same_draws_so_an_equal_has_no_regret() -> None:
    (trial,) = regrets(Arithmetic(), "target", [level(0.4, reference="middling")], [7])
    assert trial.regret == 0
    assert trial.spread == 0


def test_levels_come_back_in_order_whoever_their_references_are() -> None:
    levels = [level(x, reference=name) for x in (-0.8, 0.1, 0.85) for name in ("weak", "strong", "middling")]
    together = regrets(Arithmetic(), "target", levels, range(len(levels)))
    for at, one in enumerate(levels):
        (alone,) = regrets(Arithmetic(), "target", [one], [at])
        assert alone == together[at]


def test_a_level_with_an_action_that_is_none_says_so_and_its_neighbours_do_not() -> None:
    found = regrets(Arithmetic(broken=frozenset({0.5})), "target", [level(0.5), level(0.6)], [0, 1])
    assert [trial.fault for trial in found] == [True, False]


# ---- failures --------------------------------------------------------------------------------------------------------


def matches(left: dict[str, float], right: dict[str, float]) -> Matches:
    def shown(some: dict[str, float]) -> dict[str, np.ndarray]:
        return {name: np.full((1, 4), some.get(name, 0.0), np.float32) for name in FIGURES}

    return Matches(np.zeros((1, 4), np.float32), shown(left), shown(right), np.zeros(1, bool))


def test_an_attack_is_measured_by_the_reference_and_a_defence_by_the_target_s_own_attack() -> None:
    other = matches({"offsides": 0.25, "exposed": 9.0}, {"exposed": 5.0, "own_goal": 0.5, "offsides": 9.0})
    own = matches({"offsides": 1.0}, {"exposed": 2.0})
    found = failures(other, own)
    assert found["offsides"] == (pytest.approx([1.0]), pytest.approx([0.75]))
    assert found["defence passed"] == (pytest.approx([5.0]), pytest.approx([3.0]))
    assert found["own goals"] == (pytest.approx([0.5]), pytest.approx([0.5]))


def test_a_shot_from_near_may_be_narrow_and_one_from_afar_is_far() -> None:
    near = failures(matches({}, {}), matches({"shots": 1, "shot_angle": 0.1, "shot_distance": 0.2}, {}))
    far = failures(matches({}, {}), matches({"shots": 1, "shot_angle": 0.1, "shot_distance": 0.6}, {}))
    wide = failures(matches({}, {}), matches({"shots": 1, "shot_angle": 0.4, "shot_distance": 0.2}, {}))
    assert [found["narrow shots"][0][0] for found in (near, far, wide)] == [1, 0, 0]
    assert [found["far shots"][0][0] for found in (near, far, wide)] == [0, 1, 0]
    assert failures(matches({}, {}), matches({}, {}))["narrow shots"][0][0] == 0


def test_there_are_as_many_kinds_as_the_paper_found_each_with_its_own_name() -> None:
    assert len({one.name for one in FAILURES}) == len(FAILURES) >= 11


# ---- vulnerabilities -------------------------------------------------------------------------------------------------


def elite(at: int, regret: float, **shown: tuple[float, float]) -> Entry[Scenario]:
    measures = {"regret": regret, "reference": regret, "target": 0.0, "won": regret}
    for one in FAILURES:
        often, more = shown.get(one.name.replace(" ", "_"), (0.0, 0.0))
        measures |= {one.name: often, f"{one.name}: more": more}
    genome = level(round(-0.9 + at * 0.01, 3))
    candidate = Candidate(domain="madrid", genome=genome)
    return Entry(candidate=candidate, outcome=Outcome(score=regret, cell=genome.cell, measures=measures))


def test_elites_are_sorted_by_what_stands_out_most() -> None:
    late = [elite(at, 1.0, late_shots=(1.0, 0.8), ball_lost=(0.5, 0.1)) for at in range(5)]
    lost = [elite(10 + at, 0.8, ball_lost=(2.0, 1.5)) for at in range(4)]
    harmless = [elite(20 + at, 0.1, offsides=(2.0, 2.0)) for at in range(20)]
    found = found_in([*harmless, *late, *lost])
    assert [(one.failure.name, len(one.entries)) for one in found] == [("late shots", 5), ("ball lost", 4)]
    assert found[0].among == 9
    assert found[0].often == pytest.approx(1.0)
    assert found[0].measure == pytest.approx(0.2)
    assert found[0].share.low < 5 / 9 < found[0].share.high


def test_a_rare_failure_and_one_that_the_measure_shows_as_often_are_no_vulnerability() -> None:
    rare = [elite(at, 1.0, offsides=(0.1, 0.1)) for at in range(9)]
    alike = [elite(20 + at, 1.0, hesitation=(30.0, 0.0)) for at in range(9)]
    assert found_in([*rare, *alike]) == []


def test_fewer_elites_than_make_a_kind_are_left_unnamed() -> None:
    few = [elite(at, ADVERSARIAL, own_goals=(1.0, 1.0)) for at in range(FEWEST - 1)]
    assert found_in(few) == []
    assert found_in([]) == []


def test_a_group_says_its_figures_and_names_its_clearest_elites() -> None:
    entries = [elite(at, 1.0, own_goals=(0.5, 0.1 * (at + 1))) for at in range(4)]
    group = found_in(entries)[0].group
    assert group.name == "own goals"
    assert "in 4 of 4 adversarial elites (100%" in group.claim
    assert group.figures["rate of the target"] == 0.5
    assert group.evidence[0] == entries[3].candidate.id
    assert "own goal" in group.refuted_by
