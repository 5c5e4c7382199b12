"""The walker, and students known by their weights."""

from __future__ import annotations

from pathlib import Path

import jax
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired.student import Walker, student
from wunderkammer.learners import weights
from wunderkammer.learners.encoder import Convolution, Encoder
from wunderkammer.learners.evaluation import trace
from wunderkammer.learners.networks import ActorCritic
from wunderkammer.learners.recurrence import Gru, Lstm
from wunderkammer.worlds.maze import level as maps
from wunderkammer.worlds.maze.world import Maze, Observation

WORLD = Maze(5, 5, horizon=40)


def walked(words: str) -> tuple[list[tuple[int, int]], bool]:
    """The cells that a walker without noise is in, and whether it arrives."""
    levels = maps.stack([maps.read(words)])
    run = jax.jit(lambda levels: trace(WORLD, Walker(0.0), (), jax.random.key(0), levels))
    states, found = run(levels)
    cells = np.stack([states.row[:, 0], states.column[:, 0]], -1)[: int(found.length[0])]
    return [tuple(cell) for cell in cells.tolist()], bool(found.solved[0])


def test_it_keeps_its_left_hand_on_the_wall_and_goes_where_it_sees_the_goal() -> None:
    cells, solved = walked(">....\n####.\n.....\n.####\n....G")
    assert solved
    assert cells[-1] == (4, 4)
    assert (2, 4) in cells
    assert (0, 4) in cells


def test_where_the_wall_leads_in_a_circle_it_never_arrives() -> None:
    cells, solved = walked("#####\n#...#\n#>#.#\n#...#\n####G")
    assert not solved
    assert len(cells) == 40


@pytest.mark.parametrize("cell", [Lstm(6), Gru(8)])
def test_a_trained_student_is_known_by_its_weights(tmp_path: Path, cell) -> None:
    network = ActorCritic(3, cell, Encoder((Convolution(4, 3),)), 5)
    seen = Observation(np.zeros((5, 5, 3), np.uint8), np.int32(0))
    shapes = jax.eval_shape(lambda: network.init(jax.random.key(1), seen))
    rng = np.random.default_rng(0)
    params = jax.tree.map(lambda leaf: rng.normal(size=leaf.shape).astype(np.float32), shapes)
    weights.write(params, tmp_path / "student.safetensors")
    found, read = student(str(tmp_path / "student.safetensors"), 0.1)
    assert found == network
    assert all(jax.tree.leaves(jax.tree.map(lambda one, other: bool((one == other).all()), params, read)))


def test_who_is_no_student_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="neither 'walker' nor a file"):
        student("nobody", 0.1)
    (tmp_path / "x.safetensors").write_bytes(b"nothing")
    with pytest.raises(ConfigError, match="holds no student of mazes"):
        student(str(tmp_path / "x.safetensors"), 0.1)
