"""Matches of policies: what they come to, on what it depends, and what is refused before any is played."""

from __future__ import annotations

from functools import cache

import imageio.v3 as imageio
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football import actions as act
from wunderkammer.worlds.football import clip, match, summary
from wunderkammer.worlds.football import level as levels
from wunderkammer.worlds.football.bots import bot
from wunderkammer.worlds.football.policy import Policy
from wunderkammer.worlds.football.world import Football

WORLD, REPEATS = Football(3, steps=48), 4
KEY = jax.random.key(5)
STRONG = bot(0.95)


def forward(count, _key, observation, memory):
    """The nearest to the ball shoots, or runs to it; it counts its steps."""
    seen = observation[:, 11:13].T
    run = act.RUN_FIRST + act.towards(seen)
    mine = observation[:, 7] > 0
    return jnp.where(mine, act.SHOOT, run) + 0 * count, memory + 1


FORWARD = Policy("forward", jnp.int32(0), forward, jnp.int32(0))


@cache
def lineups():
    """The first is a penalty for left, the second its mirror; the others are random."""
    far = [[-0.5, 0.4], [-0.5, -0.4]]
    penalty = levels.lineup([[-0.97, 0.0], [0.72, 0.0], far[0]], [[0.97, 0.0], *far], [0.73, 0.0])
    rng = np.random.default_rng(0)
    return levels.stack([penalty, levels.mirrored(penalty), *(levels.sample(rng, 3) for _ in range(2))])


@cache
def played():
    return match.play(WORLD, FORWARD, STRONG, lineups(), KEY, REPEATS)


def test_every_level_is_played_so_often_and_every_figure_is_there():
    value = np.asarray(played().value)
    assert value.shape == (4, REPEATS)
    assert set(np.unique(value)) <= {-1, 0, 1}
    assert tuple(played().features) == tuple(sorted(summary.NAMES)) or tuple(played().features) == summary.NAMES
    assert all(feature.shape == (4, REPEATS) for feature in played().features.values())
    features = {name: np.asarray(feature) for name, feature in played().features.items()}
    np.testing.assert_array_equal(features["goal_left"] - features["goal_right"], value)
    assert ((features["length"] < WORLD.steps) <= (value != 0)).all()
    assert (features["completed_left"] <= features["passes_left"]).all()


def test_whoever_is_nearer_to_an_open_goal_wins_more():
    value = np.asarray(played().value)
    assert value[0].mean() > value[1].mean()


def test_the_same_key_gives_the_same_and_another_other_matches():
    again = match.play(WORLD, FORWARD, STRONG, lineups(), KEY, REPEATS)
    other = match.play(WORLD, FORWARD, STRONG, lineups(), jax.random.key(6), REPEATS)
    for name, feature in played().features.items():
        np.testing.assert_array_equal(feature, again.features[name])
    assert not np.array_equal(played().features["run_left"], other.features["run_left"])


def test_a_level_s_matches_do_not_depend_on_the_other_levels():
    swapped = jax.tree.map(lambda part: np.concatenate([part[:2], part[2:][::-1]]), lineups())
    other = match.play(WORLD, FORWARD, STRONG, swapped, KEY, REPEATS)
    np.testing.assert_array_equal(played().features["ball_x"][:2], other.features["ball_x"][:2])


def test_strength_is_an_argument_and_compiles_nothing_anew():
    before = match._play._cache_size()
    match.play(WORLD, FORWARD, bot(0.05), lineups(), KEY, REPEATS)
    assert match._play._cache_size() == max(before, 1)


def test_a_trace_holds_the_whole_match_and_makes_a_clip():
    lineup = jax.tree.map(lambda part: part[0], lineups())
    first, second = match.traces(WORLD, FORWARD, STRONG, lineup, KEY, 2)
    steps = int(first.features["length"])
    assert first.place.shape == (steps + 1, 6, 2)
    assert first.ball.shape == (steps + 1, 2)
    np.testing.assert_allclose(first.place[0], np.concatenate(lineup[:2]), atol=1e-6)
    assert (np.abs(np.diff(first.place[:, 1], axis=0)) < 0.03).all()
    if first.value:
        assert abs(first.ball[-1, 0]) > 1
    together = imageio.imread(clip.side_by_side(first, second), extension=".gif", index=None)
    shown = clip.frames(first)
    assert shown.shape[0] == steps + 1
    assert together.shape[1] == 2 * shown.shape[1] + clip.GAP
    assert together.shape[0] <= 1 + max(steps, int(second.features["length"]))


def stray(parameters, _key, observation, memory):
    """NaN once the match is half over."""
    late = memory > WORLD.steps // 2
    return jnp.where(late, jnp.nan, jnp.zeros(observation.shape[0])) * parameters, memory + 1


def test_an_action_that_is_no_number_is_an_error_and_no_loss():
    nowhere = Policy("stray", jnp.float32(1), stray, jnp.int32(0))
    corner = levels.stack(
        [levels.lineup([[-0.97, 0], [-0.5, 0.4], [-0.6, 0.4]], [[0.97, 0], [-0.5, -0.4], [0, -0.4]], [0.4, 0.2])]
    )
    with pytest.raises(
        ConfigError, match="stray against stray, level 0, match 0: an action or a position that is none"
    ):
        match.play(WORLD, nowhere, nowhere, corner, KEY, 1)


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        (Policy("eleven", (), forward, jnp.int32(0), 11), "eleven plays 11 against 11, and the match is of 3"),
        (Policy("wide", (), lambda p, k, o, m: (o @ jnp.ones((99, 1)), m)), "wide cannot act on what 3 players see"),
        (Policy("one", (), lambda p, k, o, m: (jnp.int32(0), m)), r"one gives actions of shape \(\)"),
        (Policy("grows", (), lambda p, k, o, m: (o[:, 0], jnp.zeros(2))), "grows remembers"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused_before_any_match(policy, fault):
    with pytest.raises(ConfigError, match=fault) as refused:
        match.play(WORLD, STRONG, policy, lineups(), KEY, REPEATS)
    assert "\n" not in str(refused.value)


def test_a_lineup_of_another_size_is_refused():
    other = levels.stack([levels.sample(np.random.default_rng(0), 5)])
    with pytest.raises(ConfigError, match="left is of 5 players, and the match of 3"):
        match.play(WORLD, STRONG, STRONG, other, KEY, 1)
