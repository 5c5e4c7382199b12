"""Rollouts: which level comes next, where episodes begin, and what an end by time alone is worth."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from stage.recall import Recall, signs
from wunderkammer.learners.networks import ActorCritic
from wunderkammer.learners.recurrence import Gru
from wunderkammer.learners.rollout import begin, rollout

BATCH, STEPS = 4, 13
NETWORK = ActorCritic(2, Gru(8), hidden=8)


def played(world: Recall, queue: jax.Array, first: jax.Array):
    """Params, the beginning, and a rollout of 13 steps in episodes of five."""
    params = NETWORK.init(jax.random.key(0), world.reset_to_level(jax.random.key(0), jnp.int32(0))[1])
    running = begin(world, NETWORK, jax.random.key(1), first)
    run = jax.jit(
        lambda params, running, queue: rollout(world, NETWORK, params, jax.random.key(2), running, queue, STEPS)
    )
    return params, running, run(params, running, queue)


def test_episodes_are_played_in_the_queues_levels_in_order() -> None:
    queue = jnp.array([[0, 1, 0, 1], [1, 1, 0, 0]], jnp.int32)
    first = jnp.array([1, 0, 1, 0], jnp.int32)
    _, _, (running, seen, _) = played(Recall(), queue, first)
    assert np.flatnonzero(seen.done[:, 0]).tolist() == [4, 9]
    assert np.flatnonzero(seen.reset[:, 0]).tolist() == [0, 5, 10]
    shown = seen.observation[..., :2].argmax(-1)
    assert shown[0].tolist() == first.tolist()
    assert shown[5].tolist() == queue[0].tolist()
    assert shown[10].tolist() == queue[1].tolist()
    assert running.state.time.tolist() == [3] * BATCH


def test_a_queue_of_one_is_replayed() -> None:
    levels = signs(jax.random.key(5), BATCH)
    _, _, (_, seen, _) = played(Recall(), levels[None], levels)
    shown = seen.observation[..., :2].argmax(-1)
    assert (shown[jnp.array([0, 5, 10])] == levels).all()


def test_an_end_by_time_alone_has_the_value_of_what_was_never_seen() -> None:
    levels = signs(jax.random.key(5), BATCH)
    world = Recall(patient=True)
    params, start, (_, seen, _) = played(world, levels[None], levels)
    carry, wanted = start.carry, np.zeros((STEPS, BATCH))
    for at in range(STEPS):
        now = jax.tree.map(lambda leaf, at=at: leaf[at], seen.observation)
        carry = NETWORK.step(params, carry, now, seen.reset[at]).carry
        if at in (4, 9):
            beyond = jnp.tile(jnp.array([0.0, 0.0, 0.0, 0.0]), (BATCH, 1))
            wanted[at] = NETWORK.step(params, carry, beyond, jnp.zeros(BATCH, bool)).value
    assert np.abs(wanted[[4, 9]]).min() > 0
    np.testing.assert_allclose(seen.bootstrap, wanted, rtol=1e-4, atol=1e-5)


def test_an_end_of_itself_has_no_value_beyond() -> None:
    levels = signs(jax.random.key(5), BATCH)
    _, _, (_, seen, _) = played(Recall(), levels[None], levels)
    assert not seen.bootstrap.any()


def test_unrolling_says_again_what_was_said_while_playing() -> None:
    levels = signs(jax.random.key(5), 2, BATCH)
    params, start, (_, seen, _) = played(Recall(), levels, levels[0])
    reply = NETWORK.unroll(params, start.carry, seen.observation, seen.reset)
    np.testing.assert_allclose(reply.value, seen.value, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(reply.logits, seen.logits, rtol=1e-4, atol=1e-5)
