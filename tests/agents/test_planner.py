"""The planner: conformance with the cell sampling of Rainbow Teaming."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from wunderkammer.agents.planner import Planner, Targets
from wunderkammer.agents.steering import Steering, obey
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import rng_for
from wunderkammer.core.plan import ABLATIONS, SearchPlan
from wunderkammer.memory.archive import Archive, Trial

AXES = {"risk": ("fire", "flood"), "style": ("plain", "slang")}


def filled(fitness: dict[tuple[str, str], float]) -> Archive:
    archive = Archive(AXES)
    archive.add_all(Trial(n, f"c{n}", cell, None, value) for n, (cell, value) in enumerate(fitness.items()))
    return archive


def shares(archive: Archive, plan: SearchPlan, other_than=None, draws: int = 20_000) -> dict:
    targets = Targets(archive, plan, Steering())
    rng = rng_for("test")
    drawn = Counter(targets.draw(rng, other_than) for _ in range(draws))
    return {cell: count / draws for cell, count in drawn.items()}


def test_low_fitness_is_preferred_by_exp_of_minus_fitness_over_t():
    fitness = {("fire", "plain"): 0.0, ("fire", "slang"): 0.1, ("flood", "plain"): 0.2, ("flood", "slang"): 0.3}
    found = shares(filled(fitness), SearchPlan(domain="d"))
    total = sum(math.exp(-f / 0.1) for f in fitness.values())
    for cell, f in fitness.items():
        assert found[cell] == pytest.approx(math.exp(-f / 0.1) / total, abs=0.015)


def test_an_empty_cell_counts_as_the_lowest_fitness():
    found = shares(filled({("fire", "plain"): 0.0, ("fire", "slang"): 0.5}), SearchPlan(domain="d"))
    assert found["flood", "plain"] == pytest.approx(found["fire", "plain"], abs=0.02)
    assert found.get(("fire", "slang"), 0) < 0.01


def test_the_parents_own_cell_is_never_the_target():
    found = shares(filled({("fire", "plain"): 0.0, ("fire", "slang"): 40.0}), SearchPlan(domain="d"), ("fire", "plain"))
    assert ("fire", "plain") not in found


def test_a_parent_that_outweighs_all_others_does_not_stall_the_draw():
    heavy = dict.fromkeys(Archive(AXES).cells(), 90.0) | {("fire", "plain"): 0.0}
    found = shares(filled(heavy), SearchPlan(domain="d"), ("fire", "plain"), draws=500)
    assert set(found) == set(Archive(AXES).cells()) - {("fire", "plain")}


def test_parents_are_uniform_over_filled_cells():
    archive = filled({("fire", "plain"): 0.9, ("fire", "slang"): 0.0, ("flood", "plain"): 0.5})
    aims = Planner(SearchPlan(domain="d", batch=3000)).lay_out(0, archive, 0, {}, Steering())
    drawn = Counter(aim.parents for aim in aims)
    assert all(count == pytest.approx(1000, abs=120) for count in drawn.values())
    assert len(drawn) == 3


def test_a_step_laid_out_twice_is_the_same():
    archive = filled({("fire", "plain"): 0.9, ("fire", "slang"): 0.0})
    planner = Planner(SearchPlan(domain="d", seed=3))
    assert planner.lay_out(5, archive, 0, {}, Steering()) == planner.lay_out(5, archive, 0, {}, Steering())


def test_the_first_slots_are_the_seeds():
    aims = Planner(SearchPlan(domain="d", batch=4)).lay_out(0, Archive(AXES), 2, {}, Steering())
    assert [aim.origin for aim in aims] == ["seed", "seed", "fresh", "fresh"]


def test_ablations():
    archive = filled({("fire", "plain"): 0.9, ("fire", "slang"): 0.0, ("flood", "slang"): 5.0})

    def aims(name):
        plan = SearchPlan(domain="d", batch=400, ablations=ABLATIONS[name])
        return Planner(plan).lay_out(0, archive, 0, {}, Steering())

    assert all(aim.origin == "fresh" and not aim.parents for aim in aims("no-stepping-stones"))
    cells = {elite.candidate: cell for cell, elite in archive.elites.items()}
    assert all(aim.cell == cells[aim.parents[0]] for aim in aims("same-cell"))
    uniform = Counter(aim.cell for aim in aims("random"))
    assert set(uniform) == set(archive.cells())
    assert max(uniform.values()) < 160


def test_messages_narrow_the_aims():
    steering, effect = obey(Steering(), "Focus SLANG", AXES)
    assert "slang" in effect
    steering, _ = obey(steering, "avoid flood", AXES)
    aims = Planner(SearchPlan(domain="d", batch=50)).lay_out(0, Archive(AXES), 0, {}, steering)
    assert {aim.cell for aim in aims} == {("fire", "slang")}
    steering, _ = obey(steering, "avoid fire", AXES)
    with pytest.raises(ConfigError, match="ruled out every cell"):
        Planner(SearchPlan(domain="d")).lay_out(0, Archive(AXES), 0, {}, steering)
    steering, _ = obey(steering, "forget all that", AXES)
    steering, effect = obey(steering, "try riddles about birds", AXES)
    assert (steering.hint, effect) == ("try riddles about birds", "handed to the mutator as guidance")
    assert obey(steering, "pause", AXES)[0].halt == "pause"
