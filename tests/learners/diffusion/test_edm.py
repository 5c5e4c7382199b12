"""EDM against what is known exactly: of Gaussian data the best denoiser can be written down."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.learners.diffusion.edm import Edm

MEAN, DEVIATION = jnp.array([0.5, -0.3]), jnp.array([0.8, 0.1])
EDM = Edm(steps=18)


def exact(params, rows, noise):
    """The network whose cleaned rows are the posterior mean of N(MEAN, DEVIATION²): equation 7 turned round."""
    level = jnp.exp(4 * noise)[:, None]
    both = level**2 + 1
    blurred = rows * jnp.sqrt(both)
    best = (blurred * DEVIATION**2 + MEAN * level**2) / (DEVIATION**2 + level**2)
    return (best - blurred / both) * jnp.sqrt(both) / level


@pytest.mark.parametrize("churn", [0.0, 80.0])
def test_the_sampler_finds_the_data_through_the_best_denoiser(churn) -> None:
    rows = replace(EDM, steps=64, churn=churn).sample(exact, None, jax.random.key(0), 4000, 2)
    np.testing.assert_allclose(rows.mean(0), MEAN, atol=0.05)
    np.testing.assert_allclose(rows.std(0), DEVIATION, rtol=0.06)


def test_no_denoiser_has_less_loss_than_the_best() -> None:
    rows = MEAN + DEVIATION * jax.random.normal(jax.random.key(1), (4000, 2))
    best = EDM.loss(exact, None, jax.random.key(2), rows)
    for wrong in (0.9, 1.1):
        off = EDM.loss(
            lambda params, rows, noise, by=wrong: by * exact(params, rows, noise), None, jax.random.key(2), rows
        )
        assert off > best


def test_noise_falls_from_the_most_to_nothing() -> None:
    levels = np.asarray(EDM.levels())
    assert levels.shape == (19,)
    assert levels[[0, -2, -1]] == pytest.approx([80.0, 0.002, 0.0])
    assert (np.diff(levels) < 0).all()
    middle = (80 ** (1 / 7) + 5 / 17 * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7
    assert levels[5] == pytest.approx(middle, rel=1e-4)


def test_so_many_evaluations_as_the_paper_says() -> None:
    asked = []

    def counts(params, rows, noise):
        jax.debug.callback(lambda: asked.append(1))
        return jnp.zeros_like(rows)

    jax.block_until_ready(EDM.sample(counts, None, jax.random.key(0), 2, 2))
    jax.effects_barrier()
    assert len(asked) == 2 * 18 - 1
