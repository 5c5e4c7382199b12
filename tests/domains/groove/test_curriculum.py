"""Which courses lives are given: scores by what they are of, what is kept, and what is drawn again."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.domains.groove.curriculum import Curriculum
from wunderkammer.learners.curation import Curation, marks_of
from wunderkammer.learners.lpg.meta import Window
from wunderkammer.worlds.grids.levels import GridLevels

KEY = jax.random.key(0)
LEVELS = GridLevels(side=5, smallest=4, objects=2, walls=4, shortest=8, longest=20)


def curriculum(score: str, replay: float = 1.0) -> Curriculum:
    return Curriculum(LEVELS, Curation(capacity=6), score, young=4, old=20, window=5, replay=replay)


def courses(own: Curriculum, seed: int, count: int = 4):
    return jax.vmap(own.fresh)(jax.random.split(jax.random.key(seed), count))


def test_lives_are_whole_windows_within_bounds() -> None:
    lifetimes = np.asarray(courses(curriculum("regret"), 0, 200).lifetime)
    assert set(lifetimes.tolist()) == {5, 10, 15, 20}


def test_what_ended_is_kept_by_its_score_and_what_goes_on_is_not() -> None:
    own = curriculum("regret")
    first = courses(own, 1)
    ended = jnp.array([True, True, False, True])
    buffer = own.settle(own.empty(), first, jnp.array([3.0, 1.0, 9.0, 2.0]), ended)
    assert int(buffer.held.sum()) == 3
    assert float(buffer.scores.max()) == 3.0
    again = own.settle(buffer, first, jnp.array([0.5, 4.0, 9.0, 2.0]), ended)
    assert int(again.held.sum()) == 3, "what is kept already is scored anew"
    assert sorted(np.asarray(again.scores)[np.asarray(again.held)].tolist()) == [0.5, 2.0, 4.0]


def test_levels_that_differ_by_a_little_are_two() -> None:
    """Fingerprints take in all bits of what objects are worth."""
    own = curriculum("regret")
    first = courses(own, 1)
    near = first._replace(level=jax.tree.map(lambda leaf: leaf, first.level))
    rewards = first.level.rewards + 1e-3
    near = near._replace(level=type(first.level)(**{**vars(first.level), "rewards": rewards}))
    assert not (np.asarray(marks_of(first)) == np.asarray(marks_of(near))).all(-1).any()


def test_new_lives_are_lived_in_what_is_kept_and_others_go_on() -> None:
    own = curriculum("regret")
    kept = courses(own, 1)
    buffer = own.settle(own.empty(), kept, jnp.arange(4.0), jnp.ones(4, jnp.bool_))
    now, ended = courses(own, 2), jnp.array([True, False, True, False])
    _, following, replayed = own.following(KEY, buffer, now, ended)
    np.testing.assert_array_equal(replayed, ended)
    marks, before = np.asarray(marks_of(following)), np.asarray(marks_of(now))
    known = {tuple(row) for row in np.asarray(marks_of(kept)).tolist()}
    assert [tuple(row) in known for row in marks.tolist()] == [True, False, True, False]
    assert (marks[[1, 3]] == before[[1, 3]]).all()


def test_uniform_replays_nothing() -> None:
    own = curriculum("uniform")
    buffer = own.settle(own.empty(), courses(own, 1), jnp.ones(4), jnp.ones(4, jnp.bool_))
    assert int(buffer.held.sum()) == 0
    _, _, replayed = own.following(KEY, buffer, courses(own, 1), jnp.ones(4, jnp.bool_))
    assert not replayed.any()


@pytest.mark.parametrize(("score", "wanted"), [("regret", [1.0, -1.0]), ("positive", [0.3, 0.4]), ("l1", [0.5, 0.6])])
def test_a_score_is_of_what_it_says(score: str, wanted: list[float]) -> None:
    nothing = jnp.zeros(2)
    window = Window(nothing, jnp.array([0.3, 0.4]), jnp.array([0.5, 0.6]), nothing)
    found = curriculum(score).scores(KEY, window, jnp.array([1.0, 3.0]), jnp.array([2.0, 2.0]))
    np.testing.assert_allclose(found, wanted)
    drawn = curriculum("random").scores(KEY, window, nothing, nothing)
    assert drawn[0] != drawn[1]
