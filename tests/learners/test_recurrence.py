"""Cells over time: the same as step by step, forwards and backwards, and forgetful where an episode begins."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.learners import recurrence
from wunderkammer.learners.recurrence import Cell, Gru, Lstm

TIME, BATCH, WIDTH = 6, 3, 5
CELLS = pytest.mark.parametrize("cell", [Lstm(WIDTH), Gru(WIDTH)], ids=["lstm", "gru"])


def step_by_step(cell: Cell, weights, carry, driven, resets):
    """As one would write it first."""
    outputs = []
    for at in range(TIME):
        carry = tuple(jnp.where(resets[at][:, None], 0.0, part) for part in carry)
        carry = cell.turn(carry, driven[at], carry[0] @ weights)
        outputs.append(carry[0])
    return carry, jnp.stack(outputs)


def arguments(cell: Cell):
    keys = jax.random.split(jax.random.key(0), 4)
    gates = cell.gates * WIDTH
    carry = tuple(jax.random.normal(key, (BATCH, WIDTH)) for key in jax.random.split(keys[0], cell.slots))
    driven = jax.random.normal(keys[1], (TIME, BATCH, gates)) + cell.bias()
    return jax.random.normal(keys[2], (WIDTH, gates)), carry, driven, jax.random.bernoulli(keys[3], 0.3, (TIME, BATCH))


@CELLS
def test_gradients_are_those_of_the_plain_recursion(cell: Cell) -> None:
    *given, resets = arguments(cell)

    def loss(run, weights, carry, driven):
        last, outputs = run(cell, weights, carry, driven, resets)
        return (outputs * jnp.arange(1.0, TIME + 1)[:, None, None]).sum() + sum((part**2).sum() for part in last)

    found, wanted = (jax.jit(jax.value_and_grad(lambda *a, r=run: loss(r, *a), (0, 1, 2)))(*given)
                     for run in (recurrence.run, step_by_step))  # fmt: skip
    for one, other in zip(jax.tree.leaves(found), jax.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-4, atol=2e-5)


@CELLS
def test_nothing_is_remembered_from_the_episode_before(cell: Cell) -> None:
    weights, carry, driven, _ = arguments(cell)
    resets = jnp.zeros((TIME, BATCH), bool).at[3, 1].set(True)
    _, outputs = recurrence.run(cell, weights, carry, driven, resets)
    _, others = recurrence.run(cell, weights, carry, driven.at[:3].add(1.0), resets)
    same = np.isclose(outputs[3:], others[3:]).all((0, 2))
    assert same.tolist() == [False, True, False]
