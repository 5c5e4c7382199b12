"""Trainings: killed and resumed they end the same, other settings' checkpoints are refused, every method trains."""

from __future__ import annotations

import itertools
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired.methods import METHODS
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.domains.paired.training import Training, run_block, train

TINY = TrainingSettings(
    method="robust-plr", size=5, walls=6, horizon=12, memory="gru", width=8, filters=2, envs=8, steps=8, epochs=1,
    rate=1e-3, updates=6, report=2, test=4, replay=0.5, capacity=16, pool=16, tries=2, keep=8, refresh=2, edits=2,
    held_out="perfect", tests=4, episodes=1, breadth=8, noise=4,
)  # fmt: skip


class Killed(BaseException):
    """As a signal would end it."""


def clock():
    """A minute passes between any two looks, so that every call of the program is saved."""
    return itertools.count(0.0, 60.0).__next__


def kill_at(turn: int):
    def tell(step, of=None, words="", **figures) -> None:
        if step == turn:
            raise Killed

    return tell


def test_killed_and_resumed_it_ends_with_the_same_weights_bit_for_bit(tmp_path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()
    wanted = train(TINY, tmp_path / "a", whole, lambda *_, **__: None, clock())
    with pytest.raises(Killed):
        train(TINY, tmp_path / "b", parts, kill_at(4), clock())
    steps = []
    found = train(TINY, tmp_path / "b", parts, lambda step, *_, **__: steps.append(step), clock())
    assert steps == [0, 4, 6]  # what was told after two updates was saved, after four it was not yet
    assert (parts / "student.safetensors").read_bytes() == (whole / "student.safetensors").read_bytes()
    assert {name: found[name] for name in ("solved", "solved_equal_steps", "walls", "steps", "entropy")} == {
        name: wanted[name] for name in ("solved", "solved_equal_steps", "walls", "steps", "entropy")
    }
    curves = [json.loads((one / "curve.json").read_text()) for one in (whole, parts)]
    exams = [row for row in curves[0] if "solved" in row]
    late = [row["solved"] for row in exams if row["update"] > TINY.updates / 2]
    equal = [
        row["solved"]
        for row in exams
        if row["steps"] > TINY.compared_at / 2 and row["update"] <= wanted["equal_update"]
    ]
    assert wanted["solved_late"] == pytest.approx(sum(late) / len(late))
    assert wanted["solved_late_equal_steps"] == pytest.approx(sum(equal) / len(equal))
    values = [[row["value"] for row in curve] for curve in curves]
    assert values[0] == values[1]
    assert (parts / "mazes.svg").read_text().startswith("<svg")


def test_a_checkpoint_of_other_settings_is_refused(tmp_path) -> None:
    other = TINY.model_copy(update={"rate": 2e-3})
    with pytest.raises(Killed):
        train(TINY, tmp_path, tmp_path, kill_at(4), clock())  # by then one is kept
    with pytest.raises(ConfigError, match=f"preset {TINY.id}.*preset {other.id}"):
        train(other, tmp_path, tmp_path, lambda *_, **__: None, clock())


@pytest.mark.parametrize(
    "name", sorted(set(METHODS) - {"paired", "paired-stable", "minimax"})
)  # test_adversarial has those
def test_every_method_learns_and_costs_what_it_says(name) -> None:
    training = Training(TINY.model_copy(update={"method": name}), clock())
    state = training.begin()
    before = jax.device_get(training.method.student(state))
    compiled = jax.jit(lambda seed, state, turn: run_block(training.method, 2, seed, state, turn))
    for turn in (0, 2):
        state, figures = compiled(training.seed, state, np.int32(turn))
    assert compiled._cache_size() == 1
    after = jax.device_get(training.method.student(state))
    moved = jax.tree.map(lambda a, b: bool((a != b).any()), before, after)
    assert all(jax.tree.leaves(moved))
    assert all(np.isfinite(figure) for figure in figures.values())
    assert training.method.cost(1) % (TINY.envs * TINY.steps) == 0
    assert training.exam.complexity(training.method.levels(state))["walls"] >= 0


def test_levels_of_a_queue_are_rated_each_by_its_own_steps() -> None:
    training = Training(TINY.model_copy(update={"method": "robust-plr", "queue": 2, "envs": 4}), clock())
    rated, state = training.method.rated, training.begin()
    levels = rated.school.fresh(training.seed, 16)
    buffer = rated.curation.offer(state.buffer, levels, jnp.zeros(16), jnp.ones(16))[0]
    places = jnp.arange(8).reshape(2, 4)
    queue = jax.tree.map(lambda leaf: leaf[places], buffer.levels)
    played = rated.school.play_on(training.method.student(state), training.seed, queue)
    ended = played.seen.done.at[3].set(jnp.array([True, True, False, False]))  # two places come to their second level
    played = played._replace(seen=played.seen._replace(done=ended))
    found = np.asarray(rated.rerated(buffer, places, played).scores)
    values = np.asarray(played.seen.value)
    assert found[:2] == pytest.approx(1 - values[:4, :2].mean(0), abs=1e-5)
    assert found[4:6] == pytest.approx(1 - values[4:, :2].mean(0), abs=1e-5)
    assert found[2:4] == pytest.approx(1 - values[:, 2:].mean(0), abs=1e-5)
    assert not found[6:].any(), "whose turn did not come, and what was not drawn, keep their scores"


def test_a_student_is_tried_in_larger_mazes_than_it_learned_in() -> None:
    training = Training(TINY.model_copy(update={"large": 9, "large_tests": 3}), clock())
    assert training.settings.large_horizon == 39, "12 steps for 25 cells are 39 for 81"
    marks = training.exam.large(training.school.student(training.seed).params, training.seed)
    assert len(marks.solved) == 3
    assert 0 < marks.length <= 39


def test_methods_are_compared_after_as_many_steps_as_randomisation_makes() -> None:
    training = Training(TINY, clock())
    # A batch is 64 steps. Half of the batches replay, so every update costs two; one more fills the buffer by half
    # before the first.
    assert training.steps == [192, 320, 448, 576, 704, 832]
    assert training.equal == 2  # where it has made 320; randomisation makes 384 in its six


@pytest.mark.gpu
@pytest.mark.parametrize("method", METHODS)
def test_a_gpu_trains_every_method(tmp_path, method) -> None:
    if jax.default_backend() != "gpu":
        pytest.skip("no GPU that JAX sees")
    settings = TINY.model_copy(update={"method": method})
    found = train(settings, tmp_path / "kept", tmp_path, lambda *_, **__: None, clock())
    assert found["device"] == jax.devices("gpu")[0].device_kind
    assert 0 <= found["solved"] <= 1
