"""A diffusion over tables: its scales, its training in pieces, and rows it has not seen."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.learners.diffusion.denoiser import Denoiser
from wunderkammer.learners.diffusion.edm import Edm
from wunderkammer.learners.diffusion.rows import RowDiffusion, Scale

DIFFUSION = RowDiffusion(Denoiser(2, width=64, layers=2), Edm(steps=16), steps=1500, batch=128, rate=3e-3)
LEARN = jax.jit(DIFFUSION.learn, static_argnums=4)


def ring() -> jax.Array:
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 200)
    return jnp.asarray(np.stack([np.cos(angle), np.sin(angle)], -1) * 2**0.5, jnp.float32)


def test_it_learns_a_ring_from_two_hundred_points() -> None:
    at, first = LEARN(jax.random.key(0), DIFFUSION.start(jax.random.key(1)), ring(), 0, 500)
    for turn in (500, 1000):
        at, loss = LEARN(jax.random.key(0), at, ring(), turn, 500)
    assert loss < first
    rows = np.asarray(DIFFUSION.sample(at.average, jax.random.key(2), 1000))
    radius = np.linalg.norm(rows, axis=1) / 2**0.5
    assert np.abs(radius - 1).mean() < 0.12, "noise of the same spread is off by .4"
    quarters = np.histogram(np.arctan2(rows[:, 1], rows[:, 0]), 4)[0]
    assert quarters.min() > 150


def test_in_pieces_it_learns_the_same() -> None:
    start = DIFFUSION.start(jax.random.key(1))
    whole, _ = LEARN(jax.random.key(0), start, ring(), 0, 500)
    half, _ = LEARN(jax.random.key(0), start, ring(), 0, 250)
    pieces, _ = LEARN(jax.random.key(0), half, ring(), 250, 250)
    for one, other in zip(jax.tree.leaves(whole), jax.tree.leaves(pieces), strict=True):
        np.testing.assert_array_equal(one, other)
    assert any(
        (a != b).any() for a, b in zip(jax.tree.leaves(whole.params), jax.tree.leaves(whole.average), strict=True)
    )


def test_the_moving_average_forgets_what_it_began_with() -> None:
    short = replace(DIFFUSION, every=250, average=0.995)
    start = short.start(jax.random.key(1))
    first, _ = jax.jit(short.learn, static_argnums=4)(jax.random.key(0), start, ring(), 0, 250)
    for one, other in zip(jax.tree.leaves(first.average), jax.tree.leaves(first.params), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    second, _ = jax.jit(short.learn, static_argnums=4)(jax.random.key(0), first, ring(), 250, 250)
    mean = jax.tree.map(lambda *both: sum(both) / 2, first.params, second.params)
    for one, other in zip(jax.tree.leaves(second.average), jax.tree.leaves(mean), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_scales_leave_yes_and_no_and_what_never_changes() -> None:
    table = np.array([[10.0, 4.0, 1.0], [14.0, 4.0, 0.0]], np.float32)
    scale = Scale.of(table, 1)
    np.testing.assert_allclose(scale.there(table), [[-1, 0, 1], [1, 0, 0]])
    np.testing.assert_allclose(scale.back(scale.there(table)), table)
