"""Phasic policy gradient: what each phase moves, and when the auxiliary one comes."""

from __future__ import annotations

from dataclasses import replace

import jax
import numpy as np

from stage.building import BATCH, FIELD, builds, sketch
from wunderkammer.learners.ppg import Phasic, Ppg
from wunderkammer.learners.ppo import Ppo
from wunderkammer.learners.teacher import teacher

NETWORK = Phasic(teacher("plain", FIELD.actions, FIELD.horizon, 16))
PPG = Ppg(Ppo(rate=1e-2, epochs=1, discount=1.0), every=2, epochs=8)


@jax.jit
def begun():
    return PPG.start(NETWORK, jax.random.key(0), sketch(), FIELD.horizon, BATCH)


@jax.jit
def taught(phases, key, hold=1.0):
    """One rollout, worth the share of walls in the first row, and what is learned from it; one program for all."""
    learner = replace(PPG, hold=hold)
    seen, last = builds(NETWORK, phases.params, key)
    worth = seen.observation.map[-1, :, 0, :, 0].mean(-1)
    seen = seen._replace(reward=seen.reward.at[-1].set(worth))
    batch = learner.ppo.batch(NETWORK.empty(BATCH), seen, last)
    return *learner.update(NETWORK, key, phases, batch), batch


def moved(before, after, part, layers):
    return [
        bool((before.params[part][layer]["weights"] != after.params[part][layer]["weights"]).any()) for layer in layers
    ]


def test_the_auxiliary_phase_comes_after_every_so_many_policy_phases():
    phases, counts, taught_at = begun(), [], []
    for turn in range(5):
        phases, figures, _ = taught(phases, jax.random.key(turn))
        counts.append(int(phases.count))
        taught_at.append(float(figures["auxiliary"]) > 0)
    assert counts == [1, 0, 1, 0, 1]
    assert taught_at == [False, True, False, True, False]


def test_a_policy_phase_leaves_the_actors_value_alone():
    before = begun()
    after, _, batch = taught(before, jax.random.key(0))
    assert moved(before, after, "actor", ["critic", "value"]) == [False, False]
    assert all(moved(before, after, "actor", ["first", "second", "actor"]))
    assert all(moved(before, after, "critic", ["first", "second", "critic", "value"]))
    assert not any(moved(before, after, "critic", ["actor"])), "the critic does not act"
    np.testing.assert_array_equal(after.stored.target[0], batch.target)
    np.testing.assert_array_equal(after.stored.observation.map[0], batch.seen.observation.map)


def test_an_auxiliary_phase_teaches_returns_and_holds_the_policy():
    both = jax.jit(NETWORK.both)

    def aside(hold):
        """Errors of the auxiliary value before and after two rollouts, and how far the phase moved the policy."""
        phases = begun()
        params = phases.params
        opinionated = params["actor"] | {"actor": jax.tree.map(lambda leaf: 100 * leaf, params["actor"]["actor"])}
        phases = phases._replace(learning=phases.learning._replace(params=params | {"actor": opinionated}))
        errors = []
        for turn in range(2):
            phases, figures, batch = taught(phases, jax.random.key(turn), hold)
            seen = batch.seen
            actor, _ = both(phases.params, NETWORK.empty(BATCH), seen.observation, seen.reset)
            errors.append(float(((actor.value - batch.target) ** 2).mean()))
        return errors, float(figures["drift"])

    (before, after), held = aside(1.0)
    _, loose = aside(0.0)
    assert after < 0.5 * before
    assert held < 0.5 * loose


def test_it_learns_to_build_what_is_wanted():
    phases, worth = begun(), []
    for turn in range(60):
        phases, _, batch = taught(phases, jax.random.key(turn))
        worth.append(float(batch.seen.reward[-1].mean()))
    assert np.mean(worth[-10:]) > np.mean(worth[:10]) + 0.1
