"""Checkpoints: the latest comes back whole, and one of another preset does not come back at all."""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.checkpoint import Checkpoints


class Kept(NamedTuple):
    weights: object
    clock: object
    nothing: object = ()


def state(value: int) -> Kept:
    return Kept({"a": (jnp.full(3, value / 3), jnp.full((2, 2), value, jnp.uint32))}, jnp.int32(value))


def test_the_latest_comes_back_bit_for_bit(tmp_path) -> None:
    with Checkpoints(tmp_path, "one") as kept:
        assert kept.latest(state(0)) is None
        for turn in (1, 2, 3):
            kept.save(turn, state(turn), {"curve": [turn]})
    with Checkpoints(tmp_path, "one") as kept:
        found = kept.latest(state(0))
    assert (found.turn, found.notes) == (3, {"curve": [3]})
    assert isinstance(found.state, Kept)
    np.testing.assert_array_equal(found.state.weights["a"][0], state(3).weights["a"][0])
    assert found.state.weights["a"][1].dtype == jnp.uint32
    assert sum(one.is_dir() for one in tmp_path.iterdir()) == 2


def test_another_presets_checkpoint_is_refused_with_both_hashes(tmp_path) -> None:
    with Checkpoints(tmp_path, "aaa111") as kept:
        kept.save(1, state(1), {})
    with pytest.raises(ConfigError, match=r"is of preset aaa111, and this training is of preset bbb222"):
        Checkpoints(tmp_path, "bbb222")
