"""Grid worlds: moves and collections by hand, returns that are computed against ones that are played, text, levels."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.grids import exact, text
from wunderkammer.worlds.grids import level as maps
from wunderkammer.worlds.grids.catalogue import GRIDS
from wunderkammer.worlds.grids.levels import GridLevels, reachable
from wunderkammer.worlds.grids.world import MOVES, Grids

KEY = jax.random.key(0)
WORLD = Grids(side=4, objects=2, horizon=12)
LEVELS = GridLevels(side=6, smallest=4, objects=3, walls=6, shortest=5, longest=30)
RIGHT, DOWN = MOVES.index((0, 1)), MOVES.index((1, 0))
PLAIN = """
horizon 6
a 1.0 ends 0.0 returns 0.0
b -0.5 ends 1.0 returns 0.0
Aa..
.#b.
....
....
"""


def played(words: str, actions: list[int], world: Grids = WORLD) -> list[tuple[float, bool, bool]]:
    """Reward, done and truncated of every step."""
    state, _ = world.reset_to_level(KEY, maps.read(words, world.side, world.objects))
    step, told = jax.jit(world.step), []
    for number, action in enumerate(actions):
        came = step(jax.random.fold_in(KEY, number), state, jnp.int32(action))
        told.append((float(came.reward), bool(came.done), bool(came.truncated)))
        state = came.state
    return told


def test_what_is_collected_pays_once_and_may_end_the_episode() -> None:
    assert played(PLAIN, [RIGHT, 0, MOVES.index((1, 1))]) == [(1, False, False), (0, False, False), (-0.5, True, False)]


def test_walls_and_the_border_stop_and_time_ends() -> None:
    told = played(PLAIN, [MOVES.index((1, 1)), MOVES.index((-1, 0)), RIGHT, 0, 0, 0])
    assert [reward for reward, _, _ in told] == [0, 0, 1, 0, 0, 0]
    assert told[-1][1:] == (True, True)
    assert not any(done for _, done, _ in told[:-1])


def test_what_returns_for_certain_is_there_at_the_next_step() -> None:
    words = PLAIN.replace("a 1.0 ends 0.0 returns 0.0", "a 1.0 ends 0.0 returns 1.0")
    assert [reward for reward, _, _ in played(words, [RIGHT, 0, 0])] == [1, 1, 1]


def test_the_best_return_of_a_world_that_is_plain_is_known() -> None:
    level = maps.read(PLAIN, 4, 2)
    assert float(exact.best(WORLD, level)) == 1.0
    always = maps.read(PLAIN.replace("a 1.0 ends 0.0 returns 0.0", "a 1.0 ends 0.0 returns 1.0"), 4, 2)
    assert float(exact.best(WORLD, always)) == 6.0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_is_computed_is_what_is_played_on_average(seed: int) -> None:
    """Chances of every kind: objects that end, return, pay and cost, under a policy that prefers some actions."""
    world = LEVELS.world
    level = LEVELS.sample(jax.random.key(seed))
    policy = jax.nn.softmax(2 * jax.random.normal(jax.random.key(seed + 9), (world.states, world.actions)))
    worth = float(exact.worth(world, level, policy))

    def episode(key):
        state, seen = world.reset_to_level(key, level)

        def once(at, key):
            state, seen, over, total = at
            to_act, to_step = jax.random.split(key)
            came = world.step(to_step, state, jax.random.categorical(to_act, jnp.log(policy[seen])))
            total += jnp.where(over, 0.0, came.reward)
            return (came.state, came.observation, over | came.done, total), None

        first = (state, seen, jnp.bool_(False), jnp.float32(0))
        return jax.lax.scan(once, first, jax.random.split(key, world.horizon))[0][3]

    returns = np.asarray(jax.jit(jax.vmap(episode))(jax.random.split(KEY, 20_000)))
    assert worth == pytest.approx(returns.mean(), abs=float(4 * returns.std() / len(returns) ** 0.5) + 1e-6)
    uniform = jnp.full(policy.shape, 1 / world.actions)
    assert float(exact.random(world, level)) == pytest.approx(float(exact.worth(world, level, uniform)), abs=1e-5)
    assert float(exact.best(world, level)) >= max(worth, float(exact.random(world, level))) - 1e-6


def test_a_level_is_read_back_from_its_text() -> None:
    for seed in range(8):
        level = LEVELS.sample(jax.random.key(seed))
        again = LEVELS.read(LEVELS.text(level))
        assert LEVELS.text(again) == LEVELS.text(level)
        for policy in (exact.best, exact.random):
            assert float(policy(LEVELS.world, again)) == pytest.approx(float(policy(LEVELS.world, level)), abs=1e-4)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("A.\n..", "a line `horizon`"),
        ("horizon 5\nA.\n.", "row 2 of the map has 1 columns"),
        ("horizon 5\nAA\n..", "second agent"),
        ("horizon 5\na 1 ends 2 returns 0\nAa\n..", "are chances"),
        ("horizon 5\nA z\n..", "write `horizon 60`"),
        ("horizon 5\n..\n..", "agent"),
    ],
)
def test_a_text_that_is_wrong_is_refused_with_its_place(words: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        text.read(words)


def test_levels_are_of_the_distribution() -> None:
    drawn = jax.device_get(jax.jit(jax.vmap(LEVELS.sample))(jax.random.split(KEY, 300)))
    sizes = (~drawn.walls).any(2).sum(1)
    assert sizes.max() == 6
    assert drawn.used.sum(1).min() == 1
    assert drawn.used.sum(1).max() == 3
    assert (drawn.rewards[:, 0] >= 0).all()
    assert (np.abs(drawn.rewards) <= 1).all()
    assert ((drawn.ends >= 0.01) == drawn.used).all()
    assert ((drawn.horizon >= 5) & (drawn.horizon <= 30)).all()
    flat = drawn.walls.reshape(300, -1)
    assert not flat[np.arange(300), drawn.start].any()
    assert not (np.take_along_axis(flat, drawn.places, 1) & drawn.used).any()


def test_an_edit_changes_a_level_and_keeps_it_one() -> None:
    level = LEVELS.sample(jax.random.key(4))
    edited = LEVELS.mutate(jax.random.key(1), level, 4)
    assert LEVELS.text(edited) != LEVELS.text(level)
    LEVELS.read(LEVELS.text(edited))
    assert not bool(edited.walls.reshape(-1)[edited.start])


def test_what_can_be_reached_is_told() -> None:
    closed = maps.read("horizon 5\na 1 ends 0 returns 0\nA#.a\n##..\n....\n....", 4, 2)
    assert np.asarray(reachable(WORLD, closed)).sum() == 1
    assert GridLevels(side=4, smallest=4, objects=2).features(closed)["solvable"] == 0.0


def test_the_worlds_that_come_with_the_house_can_be_gained_in() -> None:
    for name, plan in GRIDS.suite("classic").items():
        world = Grids(plan.side, max(1, len(plan.things)), plan.horizon)
        level = maps.of_plan(plan, world.side, world.objects)
        assert float(exact.best(world, level)) > float(exact.random(world, level)) + 0.1, name


def test_a_picture_shows_walls_agent_and_objects() -> None:
    state, _ = WORLD.reset_to_level(KEY, maps.read(PLAIN, 4, 2))
    picture = np.asarray(WORLD.render(state))
    assert picture.shape == (32, 32, 3)
    middles = picture[4::8, 4::8].astype(int)
    assert middles[0, 1, 1] > middles[0, 1, 0]  # what pays is green
    assert middles[1, 2, 0] > middles[1, 2, 1]  # what costs is red
    assert middles[0, 0, 2] > middles[0, 0, 0]  # the agent is blue
    assert middles[1, 1].max() < 100  # walls are dark
