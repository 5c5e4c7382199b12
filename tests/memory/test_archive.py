"""The archive: who gets a cell, and what is counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wunderkammer.core.errors import ConfigError
from wunderkammer.memory.archive import Archive, Trial

AXES = {"risk": ("fire", "flood"), "style": ("plain", "slang", "verse")}


def trial(slot: int, cell=("fire", "plain"), score=None, fitness=None, accepted=None) -> Trial:
    return Trial(slot, f"c{slot}", cell, score, fitness, accepted)


def test_an_empty_cell_takes_the_first_who_comes_whatever_its_score():
    archive = Archive(AXES)
    assert archive.add(trial(0, score=None))
    assert archive.elites["fire", "plain"].slot == 0


def test_a_duel_decides_whatever_the_scores_say():
    archive = Archive(AXES)
    archive.add(trial(0, score=9.0))
    assert not archive.add(trial(1, score=99.0, accepted=False))
    assert archive.add(trial(2, score=0.0, accepted=True))


def test_without_a_duel_only_a_strictly_higher_score_wins():
    archive = Archive(AXES)
    assert archive.add_all([trial(0, score=0.5), trial(1, score=0.5), trial(2, score=0.6), trial(3)]) == [
        True,
        False,
        True,
        False,
    ]


def test_fitness_is_counted_and_never_decides():
    archive = Archive(AXES)
    archive.add(trial(0, score=0.5, fitness=0.1))
    assert not archive.add(trial(1, score=0.4, fitness=0.9))
    assert archive.qd_score == pytest.approx(0.1)


def test_coverage_counts_filled_cells_of_all():
    archive = Archive(AXES)
    archive.add_all([trial(0), trial(1, ("flood", "verse"))])
    assert (len(archive), archive.size, archive.coverage) == (2, 6, pytest.approx(1 / 3))


@pytest.mark.parametrize("cell", [("fire",), ("fire", "plain", "x"), ("fire", "prose"), ("plain", "fire")])
def test_a_cell_off_the_grid_is_named(cell):
    with pytest.raises(ConfigError, match="cell|not a value of axis"):
        Archive(AXES).add(trial(0, cell))


@given(st.lists(st.tuples(st.sampled_from(list(Archive(AXES).cells())), st.floats(0, 1)), max_size=60))
def test_every_cell_holds_the_best_that_came_and_the_earliest_of_equals(events):
    archive = Archive(AXES)
    archive.add_all(trial(slot, cell, score=score) for slot, (cell, score) in enumerate(events))
    for cell, elite in archive.elites.items():
        rivals = [(score, -slot) for slot, (place, score) in enumerate(events) if place == cell]
        assert (elite.score, -elite.slot) == max(rivals)
