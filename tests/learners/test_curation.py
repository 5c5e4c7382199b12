"""The level buffer by hand: ranks, staleness, who makes room, and who is there already."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.learners.curation import Buffer, Curation, marks_of

LEVEL = {"walls": jnp.zeros((2, 2), bool), "goal": jnp.zeros(2, jnp.int32)}


def levels(*numbers: int):
    """Levels that differ in their goals."""
    count = len(numbers)
    return {"walls": jnp.zeros((count, 2, 2), bool), "goal": jnp.array([[number, 0] for number in numbers], jnp.int32)}


def filled(curation: Curation, scores: list[float]) -> Buffer:
    """A buffer with levels 0, 1, … of these scores."""
    found = jnp.array(scores)
    return curation.offer(curation.empty(LEVEL), levels(*range(len(scores))), found, found)[0]


def goals(buffer: Buffer) -> dict[int, float]:
    """Scores by level."""
    held = np.flatnonzero(buffer.held)
    return {int(buffer.levels["goal"][at, 0]): pytest.approx(float(buffer.scores[at])) for at in held}


def test_chances_fall_with_the_rank() -> None:
    curation = Curation(4, temperature=0.5, staleness=0.0)
    buffer = filled(curation, [0.1, 0.9, 0.4])
    by_level = dict(zip(buffer.levels["goal"][:, 0].tolist(), curation.chances(buffer).tolist(), strict=True))
    whole = 1 + 1 / 4 + 1 / 9  # rank ^ -2
    assert [by_level[level] for level in (1, 2)] == pytest.approx([1 / whole, 1 / 4 / whole])
    assert float(curation.chances(buffer).sum()) == pytest.approx(1.0)
    assert sorted(curation.chances(buffer).tolist())[0] == 0.0  # the place that nobody has


def test_who_has_waited_longer_has_a_better_chance() -> None:
    curation = Curation(3, temperature=1.0, staleness=0.5)
    buffer = filled(curation, [0.3, 0.2, 0.1])._replace(drawn=jnp.array([4, 2, 1]), clock=jnp.int32(4))
    # Ranks 1, 2, 3 give 6/11, 3/11, 2/11; ages 0, 2, 3 give 0, 2/5, 3/5.
    order = np.argsort(-np.asarray(buffer.scores))
    chances = np.asarray(curation.chances(buffer._replace(drawn=buffer.drawn[np.argsort(order)])))[order]
    assert chances == pytest.approx([3 / 11, 3 / 22 + 1 / 5, 1 / 11 + 3 / 10])
    assert chances.sum() == pytest.approx(1.0)


def test_the_lowest_score_makes_room_for_a_higher_one() -> None:
    curation = Curation(3)
    buffer = filled(curation, [0.5, 0.2, 0.3])
    buffer, entered = curation.offer(buffer, levels(7, 8, 9), jnp.array([0.1, 0.6, 0.25]), jnp.zeros(3))
    assert goals(buffer) == {0: 0.5, 2: 0.3, 8: 0.6}
    assert int(entered) == 1


def test_equal_scores_leave_those_that_are_there() -> None:
    buffer, entered = Curation(2).offer(
        filled(Curation(2), [0.5, 0.5]), levels(7, 8), jnp.array([0.5, 0.5]), jnp.zeros(2)
    )
    assert int(entered) == 0
    assert set(goals(buffer)) == {0, 1}


def test_a_level_that_is_there_already_does_not_come_in_again() -> None:
    curation = Curation(4)
    buffer, entered = curation.offer(
        filled(curation, [0.5, 0.2]), levels(1, 3, 3), jnp.array([0.9, 0.4, 0.4]), jnp.zeros(3)
    )
    assert int(entered) == 1
    assert goals(buffer) == {0: 0.5, 1: 0.2, 3: 0.4}


def test_drawn_levels_differ_and_are_no_longer_stale() -> None:
    curation = Curation(8)
    buffer = filled(curation, [0.1, 0.2, 0.3, 0.4, 0.5])
    after, places = curation.draw(jax.random.key(0), buffer, 5)
    assert len(set(places.tolist())) == 5
    assert after.held[places].all()
    assert (after.drawn[places] == after.clock).all()
    assert int(after.clock) == int(buffer.clock) + 1


def test_the_first_drawn_follow_their_chances() -> None:
    curation = Curation(4, temperature=1.0, staleness=0.0)
    buffer = filled(curation, [0.1, 0.2, 0.3, 0.4])
    firsts = jax.vmap(lambda key: curation.draw(key, buffer, 2)[1][0])(jax.random.split(jax.random.key(0), 4000))
    shares = np.bincount(firsts, minlength=4) / 4000
    assert np.abs(shares - np.asarray(curation.chances(buffer))).max() < 0.03


def test_new_ratings_replace_scores_and_keep_the_best_return() -> None:
    curation = Curation(3)
    buffer = filled(curation, [0.5, 0.2])
    after = curation.rate(buffer, jnp.array([0, 2]), jnp.array([0.05, 0.7]), jnp.array([0.1, 0.9]))
    assert after.scores[0] == pytest.approx(0.05)
    assert after.best[0] == pytest.approx(max(0.1, float(buffer.best[0])))
    assert not after.held[2]  # a place that nobody has does not become a level by being rated


def test_a_level_is_known_by_all_of_its_parts() -> None:
    changed = levels(1, 1)
    changed["walls"] = changed["walls"].at[1, 0, 1].set(True)
    marks = marks_of(changed)
    assert not (marks[0] == marks[1]).all()
    assert (marks_of(levels(4, 5, 4))[0] == marks_of(levels(4, 5, 4))[2]).all()
