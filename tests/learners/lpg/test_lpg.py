"""The learned optimiser: what it sees of time, what agents do with what it says, its gradient, and what it learns."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from wunderkammer.learners.lpg import tabular
from wunderkammer.learners.lpg.critic import Critic
from wunderkammer.learners.lpg.learning import ActorCritic, Lpg, entropy
from wunderkammer.learners.lpg.meta import Life, Meta
from wunderkammer.learners.lpg.optimiser import Lesson, Optimiser, Targets
from wunderkammer.learners.lpg.tabular import Agent, Stretch
from wunderkammer.worlds.grids import exact
from wunderkammer.worlds.grids import level as maps
from wunderkammer.worlds.grids.world import Grids

KEY = jax.random.key(0)
BANDIT = "horizon 2\na 1.0 ends 1.0 returns 0.0\nb -0.5 ends 1.0 returns 0.0\nAa\nbb"
WORLD = Grids(side=2, objects=3, horizon=2)
LEVEL = maps.read(BANDIT, 2, 3)
SMALL = Optimiser(predictions=3, width=6, embedding=4)


def lesson(seed: int, time: int = 6, batch: int = 2) -> Lesson:
    rng = np.random.default_rng(seed)
    vectors = (jax.nn.softmax(jnp.asarray(rng.normal(size=(time, batch, 3)))) for _ in range(2))
    done = jnp.zeros((time, batch), jnp.bool_).at[2, 0].set(True)
    return Lesson(jnp.asarray(rng.normal(size=(time, batch))), done, jnp.asarray(rng.random((time, batch))), *vectors)


def test_it_looks_back_from_the_end_of_an_episode_and_no_further() -> None:
    params, given = SMALL.init(KEY), lesson(1)
    said = SMALL(params, given)
    later = SMALL(params, given._replace(reward=given.reward.at[4].add(1.0)))
    changed = np.asarray(jnp.abs(later.push - said.push) > 1e-7)
    assert changed[:5, 1].all(), "one episode: what comes later is known to all before it"
    assert not changed[:3, 0].any(), "it ended with the third step: what comes later is another one"
    assert changed[3:5, 0].all()
    assert not changed[5].any(), "what was before is not looked at"
    np.testing.assert_allclose(said.foresee.sum(-1), 1.0, atol=1e-5)


def stretch() -> Stretch:
    """Six steps of two workers among four states."""
    rng = np.random.default_rng(3)
    seen, following = rng.integers(4, size=(2, 6, 2)).astype(np.int32)
    nothing = jnp.zeros((6, 2), jnp.bool_)
    reward = jnp.asarray(rng.normal(size=(6, 2)), jnp.float32)
    action = jnp.asarray(rng.integers(3, size=(6, 2)), jnp.int32)
    return Stretch(jnp.asarray(seen), action, reward, nothing, jnp.asarray(following), nothing)


def test_pushes_that_are_advantages_make_a_policy_gradient() -> None:
    agent = Agent(jax.random.normal(KEY, (4, 3)), jnp.zeros((4, 3)), jnp.zeros(4))
    seen = stretch()
    pushes = jax.random.normal(jax.random.key(5), (6, 2))
    lpg = Lpg(SMALL, rate=0.7, foreseeing=1.0)
    targets = Targets(pushes, jnp.full((6, 2, 3), 1 / 3))
    after, taught = lpg.follow(agent, seen, targets)

    def objective(logits):
        chosen = jnp.take_along_axis(jax.nn.log_softmax(logits)[seen.seen], seen.action[..., None], -1)[..., 0]
        return (pushes * chosen).mean()

    np.testing.assert_allclose(after.logits, agent.logits + 0.7 * jax.grad(objective)(agent.logits), atol=1e-6)
    np.testing.assert_allclose(after.predictions, agent.predictions, atol=1e-6)  # they are what they should be
    assert float(taught.push) == pytest.approx(float((pushes**2).mean()))


def test_predictions_move_towards_what_should_have_been_foreseen() -> None:
    agent = tabular.newborn(4, 3, 3)
    wanted = jnp.broadcast_to(jnp.array([0.8, 0.1, 0.1]), (6, 2, 3))
    lpg = Lpg(SMALL, foreseeing=2.0)
    for _ in range(300):
        agent, _ = lpg.follow(agent, stretch(), Targets(jnp.zeros((6, 2)), wanted))
    visited = np.unique(np.asarray(stretch().seen))
    np.testing.assert_allclose(
        jax.nn.softmax(agent.predictions)[visited], np.tile(wanted[0, 0], (len(visited), 1)), atol=0.02
    )


def lived(update, updates: int = 150) -> Agent:
    agent = tabular.newborn(WORLD.states, WORLD.actions, 3)
    playing = tabular.begin(WORLD, KEY, LEVEL, 16)

    def once(at, key):
        agent, playing = at
        playing, seen = tabular.play(WORLD, key, agent, LEVEL, playing, 8)
        return (update(agent, seen), playing), None

    return jax.jit(lambda: jax.lax.scan(once, (agent, playing), jax.random.split(KEY, updates))[0][0])()


def test_an_actor_critic_learns_and_so_does_its_critic() -> None:
    """The critic's steps arrive: in the public code of the paper they are thrown away."""
    agent = lived(ActorCritic(rate=20.0).update)
    policy = jax.nn.softmax(agent.logits)
    assert float(exact.worth(WORLD, LEVEL, policy)) > 0.95
    _, first = WORLD.reset_to_level(KEY, LEVEL)
    assert float(agent.values[first]) == pytest.approx(0.99, abs=0.1)
    assert float(jnp.abs(agent.values).sum()) > 0.5


def test_a_critic_moves_the_visited_by_the_mean_of_their_errors() -> None:
    seen = stretch()
    values = Critic(pace=0.5).learn(jnp.zeros(5), seen, jnp.ones((6, 2)))
    visited = np.isin(np.arange(5), np.asarray(seen.seen))
    np.testing.assert_allclose(values, np.where(visited, 0.5, 0.0), atol=1e-6)


def life(meta: Meta, key=KEY) -> Life:
    agent = Agent(jax.random.normal(key, (WORLD.states, 9)), jnp.zeros((WORLD.states, 3)), jnp.zeros(WORLD.states))
    return Life(agent, tabular.begin(WORLD, key, LEVEL, 3))


def test_the_meta_gradient_is_that_of_finite_differences() -> None:
    """Through two updates, with what is random held fast: what was played does not change, policies do."""
    with jax.enable_x64(True):
        lpg = Lpg(SMALL, rate=0.5, foreseeing=0.5)
        params = jax.tree.map(lambda leaf: leaf.astype(jnp.float64), SMALL.init(KEY))
        agent = Agent(jax.random.normal(KEY, (4, 3)), jax.random.normal(KEY, (4, 3)) / 2, jnp.zeros(4))
        first, second, last = (
            stretch()._replace(reward=stretch().reward.astype(jnp.float64) * scale) for scale in (1.0, 0.5, 2.0)
        )

        def loss(params):
            taught, one = lpg.update(params, agent, first)
            taught, other = lpg.update(params, taught, second)
            found = Meta(lpg).objective(taught, last, last.reward)
            return found + 0.3 * (one.push + other.foresee) - 0.2 * (one.entropy + other.foresight)

        gradient = jax.grad(loss)(params)
        rng = np.random.default_rng(0)
        for _ in range(4):
            way = jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape)), params)
            along = sum(float((a * b).sum()) for a, b in zip(*map(jax.tree.leaves, (gradient, way)), strict=True))
            ahead, behind = (
                loss(jax.tree.map(lambda leaf, step: leaf + sign * 1e-5 * step, params, way))  # noqa: B023
                for sign in (1, -1)
            )
            assert along == pytest.approx(float(ahead - behind) / 2e-5, rel=1e-5)


def test_the_window_that_is_looked_at_is_not_lived() -> None:
    meta = Meta(Lpg(SMALL), updates=2, steps=4)
    _, (after, window) = meta.lived(WORLD, SMALL.init(KEY), KEY, LEVEL, life(meta))
    again = meta.lived(WORLD, SMALL.init(KEY), KEY, LEVEL, life(meta))[1][0]
    np.testing.assert_array_equal(after.agent.logits, again.agent.logits)
    assert float(window.size) >= float(window.positive) >= 0
    assert float(window.entropy) == pytest.approx(float(entropy(after.agent.logits)), abs=0.6)


def test_an_optimiser_learns_to_teach() -> None:
    """Meta-trained on a bandit for a short while, it teaches what one that learned nothing does not."""
    meta = Meta(Lpg(Optimiser(3, 8, 4)), updates=4, steps=4, entropy=0.001)
    adam = optax.adam(5e-3)
    params = meta.lpg.optimiser.init(KEY)
    untrained = lived(lambda agent, seen: meta.lpg.update(params, agent, seen)[0], 40)
    lives = jax.vmap(lambda key: Life(tabular.newborn(WORLD.states, 9, 3), tabular.begin(WORLD, key, LEVEL, 8)))(
        jax.random.split(KEY, 8)
    )
    levels = jax.tree.map(lambda leaf: jnp.stack([leaf] * 8), LEVEL)

    def window(at, key):
        params, state = at
        gradient, loss, _, _ = meta.gradient(WORLD, params, key, levels, lives)
        steps, state = adam.update(gradient, state, params)
        return (optax.apply_updates(params, steps), state), loss

    program = jax.jit(partial(jax.lax.scan, window))
    (trained, _), _ = program((params, adam.init(params)), jax.random.split(KEY, 150))
    taught = lived(lambda agent, seen: meta.lpg.update(trained, agent, seen)[0], 40)
    worth = [float(exact.worth(WORLD, LEVEL, jax.nn.softmax(agent.logits))) for agent in (untrained, taught)]
    assert worth[1] > 0.9
    assert worth[1] > worth[0] + 0.3
