"""A teacher kept on disk, and what it proposes."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired.adversary import adversary, propose
from wunderkammer.domains.paired.kept import keep
from wunderkammer.domains.paired.methods.design import building_of, network_of
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.learners import weights
from wunderkammer.worlds.maze.level import Level

SETTINGS = TrainingSettings(method="paired", size=4, walls=4, noise=2, breadth=8)
CORNER = 3
"""The cell that this teacher wants most; then the next."""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    building, network = building_of(SETTINGS), network_of(SETTINGS)
    params = network.init(jax.random.key(0), building.reset_to_level(jax.random.key(0), building.ground())[1])
    wishes = jnp.zeros(16).at[CORNER].set(60.0).at[CORNER + 1].set(30.0)
    params = params | {"actor": params["actor"] | {"bias": wishes}}
    file = tmp_path_factory.mktemp("teacher") / "teacher.safetensors"
    keep(SETTINGS, params, file)
    return file


def test_new_levels_are_what_the_policy_wants(file):
    levels = adversary(file).levels(jax.random.key(1), 5)
    assert levels.walls.shape == (5, 4, 4)
    assert np.asarray(levels.goal).tolist() == [[0, 3]] * 5
    assert np.asarray(levels.agent).tolist() == [[1, 0]] * 5, "the first wish is forbidden by then"
    assert (np.asarray(levels.walls.sum((1, 2))) <= 4).all()
    assert propose(file, None, jax.random.key(2)).walls.shape == (4, 4)


def test_a_change_keeps_goal_and_agent_and_builds_what_is_wanted(file):
    walls = jnp.zeros((4, 4), jnp.bool_).at[3].set(True)
    level = Level(walls, jnp.array([1, 1]), jnp.int32(2), jnp.array([2, 2]))
    changed = propose(file, level, jax.random.key(3))
    for name in ("agent", "direction", "goal"):
        np.testing.assert_array_equal(getattr(changed, name), getattr(level, name))
    assert bool(changed.walls[0, 3]), "the cell that it wants most"
    assert int(changed.walls[3].sum()) == 2, "half of the old walls"
    np.testing.assert_array_equal(changed.walls, propose(file, level, jax.random.key(3)).walls)


def test_what_is_no_teacher_is_refused(file, tmp_path):
    with pytest.raises(ConfigError, match="holds no weights"):
        adversary(tmp_path / "missing.safetensors")
    weights.write({"x": jnp.zeros(2)}, tmp_path / "student.safetensors")
    with pytest.raises(ConfigError, match="holds no teacher"):
        adversary(tmp_path / "student.safetensors")
    (tmp_path / "text").write_text("no")
    with pytest.raises(ConfigError, match="holds no weights"):
        adversary(tmp_path / "text")
    other = Level(jnp.zeros((5, 5), jnp.bool_), jnp.array([1, 1]), jnp.int32(2), jnp.array([2, 2]))
    with pytest.raises(ConfigError, match="builds mazes of 4 x 4, and this one is of 5 x 5"):
        propose(file, other, jax.random.key(0))
