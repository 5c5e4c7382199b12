"""Weights in a file."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners import weights
from wunderkammer.learners.networks import ActorCritic
from wunderkammer.learners.recurrence import Gru


def test_they_come_back_and_fit_their_own_network_only(tmp_path) -> None:
    params, other = (ActorCritic(2, Gru(width), hidden=4).init(jax.random.key(0), jnp.zeros(3)) for width in (4, 5))
    weights.write(params, tmp_path / "student.safetensors")
    found = weights.read(tmp_path / "student.safetensors", jax.eval_shape(lambda: params))
    jax.tree.map(np.testing.assert_array_equal, found, params)
    with pytest.raises(ConfigError, match="weights of another network"):
        weights.read(tmp_path / "student.safetensors", other)
