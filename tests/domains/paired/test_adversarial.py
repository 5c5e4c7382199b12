"""PAIRED, its stable form and minimax: what each switch does, on the smallest mazes."""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from pydantic import ValidationError

from wunderkammer.domains.paired.methods import method
from wunderkammer.domains.paired.methods.design import designer
from wunderkammer.domains.paired.school import school_of
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.learners.checkpoint import Checkpoints
from wunderkammer.learners.ppg import Ppg

SMALL = {
    "size": 4, "walls": 3, "horizon": 10, "memory": "gru", "width": 8, "filters": 4, "envs": 6, "steps": 20,
    "epochs": 1, "noise": 2, "breadth": 16, "teacher_epochs": 2,
}  # fmt: skip


def settings(**changes):
    return TrainingSettings(**{**SMALL, **changes})


@cache
def made(**changes):
    return method(school_of(settings(**changes)))


@cache
def trained(updates, **changes):
    """A training's states and figures, and how often its update was compiled."""
    training = made(**changes)
    begin, update = jax.jit(training.init), jax.jit(training.update)
    states, said = [begin(jax.random.key(0))], []
    for turn in range(updates):
        state, figures = update(jax.random.key(turn), states[-1], jnp.int32(turn))
        states.append(state)
        said.append({name: float(figure) for name, figure in figures.items()})
    return states, said, update._cache_size()


def differs(one, other):
    return any(bool((a != b).any()) for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


PAIRED = {"method": "paired"}
STABLE = {"method": "paired-stable", "taught": "ppg", "phases": 2, "ground": "sampled"}
MINIMAX = {"method": "minimax"}


@pytest.mark.parametrize("changes", [PAIRED, STABLE, MINIMAX], ids=lambda changes: changes["method"])
def test_every_update_is_one_program_that_teaches_all(changes):
    states, said, compiled = trained(3, **changes)
    assert compiled == 1
    before, after = states[0], states[-1]
    if changes is MINIMAX:
        assert differs(before.learning.params, after.learning.params)
    else:
        pair = before.students.params, after.students.params
        both = jax.tree.map(lambda old, new: (old != new).reshape(2, -1).any(1), *pair)
        assert np.stack(jax.tree.leaves(both)).any(0).tolist() == [True, True], "protagonist and antagonist"
    assert differs(before.teaching.params, after.teaching.params)
    assert all(np.isfinite(list(figures.values())).all() for figures in said)
    training = made(**changes)
    assert training.cost(0) == (1 if changes is MINIMAX else 2) * 6 * 20
    assert training.levels(after).walls.shape == (6, 4, 4)
    fresh = school_of(settings()).student(jax.random.key(0)).params
    assert jax.tree.structure(training.student(after)) == jax.tree.structure(fresh)
    for own, model in zip(jax.tree.leaves(training.student(after)), jax.tree.leaves(fresh), strict=True):
        assert own.shape == model.shape


def test_a_teacher_begins_undecided_and_builds_what_it_may():
    states, said, _ = trained(3, **PAIRED)
    assert 0.9 * np.log(14) < said[0]["teacher_entropy"] <= np.log(16)
    walls = states[-1].levels.walls.sum((1, 2))
    assert 0 < int(walls.max()) <= 3


def test_a_sampled_ground_adds_to_what_is_built():
    states, _, _ = trained(3, **STABLE)
    assert int(states[-1].levels.walls.sum((1, 2)).max()) > 3
    assert isinstance(designer(school_of(settings(**STABLE))).learner, Ppg)
    shorter = designer(school_of(settings(method="paired", built=1))).building
    assert shorter.horizon == 3


def test_levels_differ_within_a_batch_and_between_updates():
    states, _, _ = trained(3, **PAIRED)
    walls = np.asarray(states[-1].levels.walls).reshape(6, -1)
    assert len(np.unique(walls, axis=0)) > 3
    assert differs(states[-1].levels, states[-2].levels)


def test_a_training_goes_on_from_its_checkpoint_exactly(tmp_path):
    states, _, _ = trained(3, **STABLE)
    with Checkpoints(tmp_path, "preset") as kept:
        kept.save(1, states[1], {})
        found = kept.latest(jax.eval_shape(made(**STABLE).init, jax.random.key(0)))
    assert int(states[1].teaching.count) == 1, "in the middle between two auxiliary phases"
    again, _ = jax.jit(made(**STABLE).update)(jax.random.key(1), found.state, jnp.int32(1))
    for one, other in zip(jax.tree.leaves(again), jax.tree.leaves(states[2]), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("cloning", "returns", "pulls"),
    [
        ("none", (0.1, 0.9), (0.0, 0.0)),
        ("unilateral", (0.1, 0.9), (0.2, 0.0)),
        ("unilateral", (0.9, 0.1), (0.0, 0.0)),
        ("bidirectional", (0.1, 0.9), (0.2, 0.0)),
        ("bidirectional", (0.9, 0.1), (0.0, 0.2)),
        ("bidirectional", (0.5, 0.5), (0.0, 0.0)),
    ],
)
def test_only_whoever_is_behind_is_drawn_to_the_other(cloning, returns, pulls):
    training = made(method="paired", cloning=cloning, cloned=0.2)
    np.testing.assert_allclose(training.pulls(jnp.array(returns)), pulls)


def test_the_entropy_bonus_keeps_the_teachers_entropy_up():
    """A teacher that is paid for one cell alone, with and without the bonus."""
    entropies = {}
    for bonus in (0.0, 1.0):
        design = designer(school_of(settings(method="paired", teacher_entropy=bonus, teacher_rate=3e-3)))

        @jax.jit
        def turn(key, teaching, design=design):
            to_build, to_learn = jax.random.split(key)
            built = design.build(to_build, teaching)
            return design.learn(to_learn, teaching, built, built.levels.walls[:, 0].mean(1))

        teaching = design.start(jax.random.key(0))
        for at in range(60):
            teaching, figures = turn(jax.random.key(at), teaching)
        entropies[bonus] = float(figures["entropy"])
    assert entropies[1.0] > 0.95 * np.log(14)
    assert entropies[0.0] < entropies[1.0] - 0.3


def test_what_is_left_to_the_method():
    plain, stable = settings(method="paired"), settings(method="paired-stable")
    assert (plain.teachers_entropy, plain.clones) == (0.0, "none")
    assert (stable.teachers_entropy, stable.clones) == (0.05, "bidirectional")
    without = settings(method="paired-stable", teacher_entropy=0.0, cloning="none")
    assert (without.teachers_entropy, without.clones) == (0.0, "none")
    with pytest.raises(ValidationError, match="built: at most 14"):
        settings(method="paired", built=15)
