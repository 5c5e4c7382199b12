"""What a level is worth to its teacher, by hand."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from wunderkammer.domains.paired.regret import mean_returns, regret
from wunderkammer.learners.rollout import Trajectory


def seen(reward, done):
    """Of a trajectory only what counts here, (time, batch)."""
    nothing = jnp.zeros(0)
    reward, done = jnp.array(reward, jnp.float32).T, jnp.array(done, jnp.bool_).T
    return Trajectory(nothing, nothing, nothing, nothing, nothing, nothing, reward, done, nothing)


PROTAGONIST = seen(
    [[0, 0.5, 0, 0, 0.9], [0, 0, 0, 0.7, 0], [0.1, 0.2, 0, 0, 0.4]],
    [[0, 1, 0, 1, 1], [0, 0, 0, 1, 0], [0, 1, 0, 0, 0]],
)
"""Three levels: 0.5, 0 and 0.9; 0.7; 0.3 in two parts, and another episode that is not over."""
ANTAGONIST = seen(
    [[0, 0, 0.6, 0, 0], [0, 0, 0, 0, 0.8], [0, 0.2, 0, 0, 0]],
    [[0, 0, 1, 0, 1], [0, 0, 0, 0, 0], [0, 1, 0, 0, 0]],
)
"""0.6 and 0; nothing that ended; 0.2."""


def test_means_are_over_episodes_that_ended():
    np.testing.assert_allclose(mean_returns(PROTAGONIST), [1.4 / 3, 0.7, 0.3], rtol=1e-6)
    np.testing.assert_allclose(mean_returns(ANTAGONIST), [0.3, 0.0, 0.2], rtol=1e-6)


def test_regret_is_the_antagonists_best_less_the_protagonists_mean():
    found = regret(ANTAGONIST, PROTAGONIST, clipped=False)
    np.testing.assert_allclose(found, [0.6 - 1.4 / 3, -0.7, -0.1], rtol=1e-5)
    np.testing.assert_allclose(regret(ANTAGONIST, PROTAGONIST, clipped=True), [0.6 - 1.4 / 3, 0, 0], rtol=1e-5)
