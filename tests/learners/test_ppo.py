"""PPO learns what needs memory, and does not learn it without."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import jax
import jax.numpy as jnp
import pytest

from stage.recall import Recall, signs
from wunderkammer.learners.networks import ActorCritic
from wunderkammer.learners.ppo import Learning, Ppo
from wunderkammer.learners.recurrence import Carry, Cell, Gru, Lstm
from wunderkammer.learners.rollout import begin, rollout

WORLD = Recall()
PPO = Ppo(rate=1e-2, entropy=0.003, epochs=4, minibatches=2)


@dataclass(frozen=True)
class Forgetful:
    """A cell without memory."""

    width: int = 16
    gates: ClassVar[int] = 1
    slots: ClassVar[int] = 1

    def turn(self, carry: Carry, driven: jax.Array, recurrent: jax.Array) -> Carry:
        return (jnp.tanh(driven),)

    def bias(self) -> jax.Array:
        return jnp.zeros(self.width)


def share_right(cell: Cell, updates: int) -> float:
    """Of the answers given in the last ten updates of a training."""
    network = ActorCritic(WORLD.actions, cell=cell, hidden=16)

    def update(learning: Learning, key: jax.Array) -> tuple[Learning, jax.Array]:
        to_levels, to_begin, to_play, to_learn = jax.random.split(key, 4)
        levels = signs(to_levels, 4, 32)
        running = begin(WORLD, network, to_begin, levels[0])
        _, seen, last = rollout(WORLD, network, learning.params, to_play, running, levels, 15)
        learning, _ = PPO.update(network, to_learn, learning, PPO.batch(running.carry, seen, last))
        return learning, seen.reward.sum() / seen.done.sum()

    @partial(jax.jit, static_argnums=1)
    def run(key: jax.Array, updates: int) -> jax.Array:
        start, rest = jax.random.split(key)
        learning = PPO.start(network, start, WORLD.reset_to_level(start, jnp.int32(0))[1])
        return jax.lax.scan(update, learning, jax.random.split(rest, updates))[1]

    return float(run(jax.random.key(1), updates)[-10:].mean())


@pytest.mark.parametrize("cell", [Lstm(16), Gru(16)])
def test_remembers_what_was_shown_at_first(cell: Cell) -> None:
    assert share_right(cell, 80) > 0.95


def test_guesses_without_memory() -> None:
    assert 0.4 < share_right(Forgetful(), 80) < 0.6
