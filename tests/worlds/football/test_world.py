"""The physics of football: what follows from what, by hand and by symmetry."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football import actions as act
from wunderkammer.worlds.football import level as levels
from wunderkammer.worlds.football import pitch
from wunderkammer.worlds.football.level import Lineup
from wunderkammer.worlds.football.world import LUCK, Football

WORLD = Football(3, steps=40)
KEY = jax.random.key(0)
EAST, NORTH, WEST = act.RUN_FIRST, act.RUN_FIRST + 2, act.RUN_FIRST + 4
STAND = [act.IDLE] * 3
KEEPERS = [-0.97, 0.0], [0.97, 0.0]
TACKLES, SAVES, CONTROLS = 4, 5, 7
"""Which of the luck decides what; a chance comes true where luck is below it."""
COINS = np.array([2, 3, 6])
"""Which of the luck breaks ties."""
LEAN = {"xla_backend_optimization_level": 0}
"""Compiled in half the time; these matches are short."""
advance = jax.jit(WORLD.advance, compiler_options=LEAN)
free_steps = jax.jit(jax.vmap(Football(3, steps=40, offside=False).step), compiler_options=LEAN)
observe = jax.jit(WORLD.observe, static_argnums=1)


def start(left=(), right=(), ball=(0.0, 0.0), **changes):
    """A match of 3 against 3; who is not placed stands far away in a corner of its own."""
    away = [(-0.6, -0.4), (-0.5, -0.4)]
    sides = [
        np.array([KEEPERS[0], *left, *away][:3], np.float32),
        np.array([KEEPERS[1], *right, *[(-x, y) for x, y in away]][:3], np.float32),
    ]
    state = WORLD.reset_to_level(KEY, Lineup(*sides, np.array(ball, np.float32)))
    return replace(state, **{name: jnp.asarray(value, getattr(state, name).dtype) for name, value in changes.items()})


def owned(who, left=(), right=(), **changes):
    """The same with the ball at a player's feet."""
    state = start(left, right)
    place = state.place[:, who] + pitch.AT_FEET * state.heading[:, who]
    return replace(start(left, right, place, owner=who, touched=who, had=who // 3, **changes))


def luck(**at):
    """Kicks go straight, tackles fail, keepers fail, balls are controlled; unless told otherwise."""
    dice = np.full(LUCK, 0.5, np.float32)
    dice[SAVES] = 0.999
    for name, value in at.items():
        dice[{"tackle": TACKLES, "save": SAVES, "control": CONTROLS, "astray": 0}[name]] = value
    return jnp.asarray(dice)


def numbers(actions):
    """Actions as single numbers, which may be none; the same program then serves right and wrong ones."""
    return jnp.asarray(actions, jnp.float32)


def play(state, left=STAND, right=STAND, steps=1, **dice):
    for _ in range(steps):
        state = advance(state, numbers(left), numbers(right), luck(**dice))
    return state


def turned(state):
    """The match as the other side sees it."""

    def other(who):
        return jnp.where(who < 0, who, (who + 3) % 6)

    def swapped(leaf):
        return jnp.roll(leaf, 3, axis=-1)

    tally = jax.tree.map(lambda leaf: leaf[::-1], state.tally)
    return replace(
        state, place=-swapped(state.place), speed=-swapped(state.speed), heading=-swapped(state.heading),
        sprinting=swapped(state.sprinting), down=swapped(state.down), ahead=swapped(state.ahead), ball=-state.ball,
        flight=-state.flight, owner=other(state.owner), touched=other(state.touched),
        had=jnp.where(state.had < 0, state.had, 1 - state.had), score=-state.score, tally=tally,
    )  # fmt: skip


def random_match(seed):
    """States and what was done, until the end or 40 steps."""
    rng = np.random.default_rng(seed)
    state = WORLD.reset_to_level(KEY, levels.sample(rng, 3))
    # Near one another, so that much happens.
    state = replace(state, place=state.place.at[:, jnp.array([1, 2, 4, 5])].mul(0.3), ball=state.ball * 0.3)
    for _ in range(WORLD.steps):
        chosen = rng.choice([0, 1, 3, 5, 7, 9, 13, 17, 18, 19, 20], (2, 3)).astype(np.int32)
        dice = rng.random(LUCK).astype(np.float32)
        after = advance(state, numbers(chosen[0]), numbers(chosen[1]), jnp.asarray(dice))
        yield state, chosen, dice, after
        state = after


@pytest.mark.parametrize("seed", range(4))
def test_turned_and_with_sides_exchanged_a_match_is_turned_and_with_sides_exchanged(seed):
    for before, chosen, dice, after in random_match(seed):
        flipped = dice.copy()
        flipped[COINS] = 1 - flipped[COINS]
        other = advance(turned(before), numbers(chosen[1]), numbers(chosen[0]), jnp.asarray(flipped))
        for one, two in zip(jax.tree.leaves(turned(after)), jax.tree.leaves(other), strict=True):
            np.testing.assert_allclose(one, two, atol=2e-6)
        np.testing.assert_allclose(observe(after, 0), observe(turned(after), 1), atol=2e-6)


@pytest.mark.parametrize("seed", range(4, 8))
def test_there_is_one_ball_and_it_is_somewhere(seed):
    for before, _, _, after in random_match(seed):
        if before.done:
            assert all(
                (old == new).all() for old, new in zip(jax.tree.leaves(before), jax.tree.leaves(after), strict=True)
            )
            continue
        owner = int(after.owner)
        if owner >= 0:
            apart = float(jnp.linalg.norm(after.place[:, owner] - after.ball))
            assert apart <= pitch.AT_FEET + 1e-6
            assert not after.flight.any()
            assert int(after.had) == owner // 3
        else:
            assert float(jnp.linalg.norm(after.ball - before.ball)) <= max(pitch.SHOT, pitch.LOB) + pitch.AT_FEET + 1e-5
        if not after.done:
            assert abs(float(after.ball[0])) <= pitch.LENGTH
            assert abs(float(after.ball[1])) <= pitch.WIDTH + 1e-6
        assert (jnp.abs(after.place[0]) <= pitch.LENGTH).all()
        assert float(after.tally.possession.sum()) <= int(after.time)


def test_who_runs_gets_up_to_speed_and_a_sprinter_is_faster():
    sprint = act.SPRINT_FIRST
    end = play(start([(0.0, 0.2), (0.0, 0.3)]), [act.IDLE, EAST, sprint], steps=12)
    np.testing.assert_allclose(end.speed[:, 1], [pitch.RUN, 0.0], atol=2e-4)
    np.testing.assert_allclose(end.speed[:, 2], [pitch.SPRINT, 0.0], atol=2e-4)
    assert float(end.place[0, 2]) > float(end.place[0, 1]) > 0.1
    assert end.sprinting.tolist() == [False, False, True, False, False, False]
    np.testing.assert_allclose(end.tally.sprints, [12, 0])


def test_right_runs_towards_left_s_goal_with_the_same_action():
    end = play(start((), [(0.3, 0.2)]), right=[act.IDLE, EAST, NORTH], steps=5)
    assert float(end.speed[0, 4]) < 0
    assert float(end.speed[1, 5]) < 0


def test_a_free_ball_is_taken_by_the_nearest():
    end = play(start([(0.01, 0.0)], [(0.02, 0.0)]))
    assert int(end.owner) == 1
    assert end.tally.possession.tolist() == [1, 0]
    assert int(play(start([(0.02, 0.0)], [(0.01, 0.0)])).owner) == 4


def test_a_ball_that_is_not_controlled_springs_off_and_slows_down():
    fast = start([(0.05, 0.0)], flight=(0.06, 0.0))
    end = play(fast, control=0.999)
    assert int(end.owner) == -1
    assert int(end.touched) == 1
    assert float(jnp.linalg.norm(end.flight)) < 0.06 * 0.6
    assert int(play(fast).owner) == 1


def test_a_short_pass_goes_to_whom_one_looks_at_and_counts_as_completed():
    state = owned(1, [(0.0, 0.0), (0.2, 0.0)])
    end = play(state, [act.IDLE, act.PASS, act.IDLE])
    assert bool(end.passing)
    assert int(end.owner) == -1
    end = play(end, steps=8)
    assert int(end.owner) == 2
    assert end.tally.passes.tolist() == [1, 0]
    assert end.tally.completed.tolist() == [1, 0]
    assert end.tally.lost.tolist() == [0, 0]


def test_a_pass_that_an_opponent_takes_is_lost():
    state = owned(1, [(0.0, 0.0), (0.3, 0.0)], [(0.15, 0.0)])
    end = play(play(state, [act.IDLE, act.PASS, act.IDLE]), steps=8)
    assert int(end.owner) == 4
    assert end.tally.completed.tolist() == [0, 0]
    assert end.tally.lost.tolist() == [1, 0]


def test_a_long_pass_flies_over_whoever_stands_between():
    state = owned(1, [(-0.3, 0.0), (0.3, 0.0)], [(0.0, 0.0)])
    end = play(state, [act.IDLE, act.LOB, act.IDLE])
    for _ in range(8):
        end = play(end)
        assert int(end.owner) == -1
    assert float(end.ball[0]) > 0.1


OFFSIDE = [
    # where the passer, its mate and the defender stand, and whether the mate is offside
    ((0.2, 0.0), (0.5, 0.0), (0.4, 0.2), True),
    ((0.2, 0.0), (0.5, 0.0), (0.6, 0.2), False),  # a defender besides the keeper is nearer to the line
    ((0.6, 0.0), (0.55, 0.1), (0.4, 0.2), False),  # behind the ball
    ((-0.5, 0.0), (-0.2, 0.0), (-0.3, 0.2), False),  # in its own half
    ((0.2, 0.0), (0.5, 0.0), (0.5, 0.2), False),  # level with the last but one
]


@pytest.mark.parametrize(("passer", "mate", "defender", "offside"), OFFSIDE)
def test_offside_by_hand(passer, mate, defender, offside):
    state = owned(1, [passer, mate], [defender, (0.0, -0.4)])
    # The passer looks at its mate.
    way = jnp.array(mate) - jnp.array(passer)
    state = replace(state, heading=state.heading.at[:, 1].set(way / jnp.linalg.norm(way)))
    end = play(state, [act.IDLE, act.PASS, act.IDLE])
    assert bool(end.ahead[2]) == offside
    end = play(end, steps=9)
    assert int(end.owner) == (4 if offside else 2)
    assert end.tally.offsides.tolist() == [int(offside), 0]
    assert end.tally.lost.tolist() == [int(offside), 0]


def copies(state):
    """Three of the same match, as `jax.vmap` has them."""
    return jax.tree.map(lambda leaf: jnp.stack([leaf] * 3), state)


def test_without_the_rule_nobody_is_called_back():
    state = copies(owned(1, [(0.2, 0.0), (0.5, 0.0)], [(0.4, 0.2), (0.0, -0.4)]))
    stand = jnp.zeros((3, 3), jnp.int32)
    for step in range(10):
        keys = jax.random.split(jax.random.fold_in(KEY, step), 3)
        state = free_steps(keys, state, stand.at[:, 1].set(act.PASS) if step == 0 else stand, stand)
    assert 2 in state.owner.tolist()
    assert not state.tally.offsides.any()
    assert state.tally.passes[:, 0].tolist() == [1, 1, 1]


def test_the_same_key_is_the_same_step():
    state = copies(owned(1, [(0.5, 0.0)], [(0.52, 0.0)]))
    keys = jnp.stack([jax.random.key(seed) for seed in (1, 1, 2)])
    shots = jnp.zeros((3, 3), jnp.int32).at[:, 1].set(act.SHOOT)
    flight = free_steps(keys, state, shots, jnp.zeros_like(shots)).flight
    np.testing.assert_array_equal(flight[0], flight[1])
    assert not np.array_equal(flight[0], flight[2])


def test_a_shot_scores_and_ends_the_match():
    end = play(owned(1, [(0.8, 0.0)]), [act.IDLE, act.SHOOT, act.IDLE])
    assert end.tally.shots.tolist() == [1, 0]
    assert float(end.tally.shot_distance[0]) == pytest.approx(0.2, abs=1e-6)
    assert float(end.tally.shot_angle[0]) == pytest.approx(2 * pitch.MOUTH / 0.2, rel=1e-4)
    end = play(end, steps=4)
    assert bool(end.done)
    assert int(end.score) == 1
    assert not end.own_goal
    assert int(end.time) < 5
    assert end.tally.chances.tolist() == [0, 0]  # it shot before it had held the ball there


def test_a_keeper_saves_if_luck_will_have_it():
    shot = play(owned(1, [(0.8, 0.0)]), [act.IDLE, act.SHOOT, act.IDLE], save=0.0)
    end = play(shot, steps=4, save=0.0)
    assert int(end.score) == 0
    assert int(end.owner) == 3
    assert end.tally.saves.tolist() == [0, 1]
    assert float(end.safe) > 0


def test_a_keeper_far_from_the_shot_does_not_reach_it():
    state = owned(1, [(0.8, 0.0)])
    state = replace(state, place=state.place.at[:, 3].set(jnp.array([0.97, -0.2])))
    assert int(play(play(state, [0, act.SHOOT, 0], save=0.0), steps=4, save=0.0).score) == 1


def test_a_ball_off_a_defender_into_its_goal_is_an_own_goal():
    state = start([(0.5, 0.3)], [(0.95, 0.02)], (0.9, 0.02), flight=(0.06, 0.0), touched=1, had=0)
    state = replace(state, place=state.place.at[:, 3].set(jnp.array([0.97, -0.3])))
    end = play(state, steps=4, control=0.999)
    assert int(end.score) == 1
    assert bool(end.own_goal)


def test_who_carries_the_ball_over_its_own_line_scores_against_itself():
    end = play(owned(4, (), [(0.96, 0.01)]), right=[act.IDLE, WEST, act.IDLE], steps=12)
    assert int(end.score) == 1
    assert bool(end.own_goal)


def test_a_ball_in_the_air_flies_over_the_goal():
    state = start((), (), (0.93, 0.0), flight=(0.06, 0.0), air=9.0, touched=1, had=0)
    end = play(state, steps=3)
    assert int(end.score) == 0
    assert int(end.owner) == 3
    np.testing.assert_allclose(end.ball, [0.93, 0.0], atol=pitch.AT_FEET + 1e-6)


OUT = [
    # from where, how fast, who touched it, who goes on, and where
    ((0.3, 0.40), (0.0, 0.05), 1, 4, (0.3, 0.42)),
    ((0.3, 0.40), (0.0, 0.05), 4, 1, (0.3, 0.42)),
    ((0.98, 0.2), (0.05, 0.0), 1, 3, (0.93, 0.0)),
    ((0.98, 0.2), (0.05, 0.0), 4, 1, (0.98, 0.4)),
    ((-0.98, -0.2), (-0.05, 0.0), 1, 4, (-0.98, -0.4)),
]


@pytest.mark.parametrize(("ball", "flight", "touched", "taker", "spot"), OUT)
def test_whoever_did_not_touch_it_last_goes_on_where_the_ball_went_out(ball, flight, touched, taker, spot):
    state = start(
        [(0.3, 0.0), (-0.5, 0.0)], [(0.4, 0.0), (0.9, -0.3)], ball, flight=flight, touched=touched, had=touched // 3
    )
    end = play(state, [0, 0, 0], [0, 0, 0])
    nearest = {4: {4, 5}, 1: {1, 2}, 3: {3}}[taker]
    assert int(end.owner) in nearest
    np.testing.assert_allclose(end.ball, spot, atol=1e-3)
    np.testing.assert_allclose(end.place[:, int(end.owner)], end.ball, atol=1e-6)
    assert float(end.safe) > 0


def test_nobody_tackles_whoever_restarts():
    state = owned(1, [(0.0, 0.0)], [(0.03, 0.0)])
    assert int(play(replace(state, safe=jnp.float32(5)), tackle=0.0).owner) == 1
    assert int(play(state, tackle=0.0).owner) == 4


def test_a_tackle_wins_the_ball_and_fells_whoever_had_it():
    state = owned(1, [(0.0, 0.0)], [(0.03, 0.0)])
    assert int(play(state, tackle=0.9).owner) == 1
    end = play(state, tackle=0.0)
    assert int(end.owner) == 4
    assert float(end.down[1]) > 0
    assert end.tally.tackles.tolist() == [0, 1]
    assert end.tally.tackles_won.tolist() == [0, 1]
    assert end.tally.lost.tolist() == [1, 0]
    assert not play(end, [0, EAST, 0]).speed[:, 1].any()


def test_a_slide_reaches_farther_and_who_misses_lies_on_the_ground():
    state = owned(1, [(0.0, 0.0)], [(0.045, 0.0)])
    assert int(play(state, tackle=0.2).owner) == 1  # too far on foot
    slide = [act.IDLE, act.SLIDE, act.IDLE]
    assert int(play(state, right=slide, tackle=0.2).owner) == 4
    end = play(state, right=slide, tackle=0.9)
    assert int(end.owner) == 1
    assert float(end.down[4]) > 5
    assert float(play(start((), [(0.5, 0.1)]), right=slide).down[4]) > 5


def test_it_is_a_draw_after_so_many_steps():
    end = play(start(), steps=WORLD.steps)
    assert bool(end.done)
    assert int(end.score) == 0
    assert int(end.time) == WORLD.steps
    assert int(play(end, [EAST] * 3).time) == WORLD.steps


@pytest.mark.parametrize(
    "wrong", [jnp.array([0.0, jnp.nan, 0.0]), jnp.array([0.0, 21.0, 0.0]), jnp.array([0.0, 0.5, 0.0])]
)
def test_an_action_that_is_none_is_a_fault_and_nobody_s_goal(wrong):
    end = advance(owned(1, [(0.8, 0.0)]), wrong, jnp.zeros(3), luck())
    assert bool(end.fault)
    assert bool(end.done)
    assert int(end.score) == 0
    assert not play(start()).fault


def test_a_place_that_is_no_number_is_a_fault():
    state = start([(0.1, 0.1)])
    end = play(replace(state, place=state.place.at[0, 1].set(jnp.nan)))
    assert bool(end.fault)
    assert int(end.score) == 0


def test_a_batch_behind_is_as_if_each_was_played_alone():
    alone = [WORLD.reset_to_level(KEY, levels.sample(np.random.default_rng(seed), 3)) for seed in range(3)]
    rng = np.random.default_rng(0)
    batch = jax.tree.map(lambda *leaves: jnp.stack(leaves, -1), *alone)
    for _ in range(8):
        chosen = rng.integers(0, act.ACTIONS, (2, 3, 3)).astype(np.float32)
        dice = rng.random((LUCK, 3)).astype(np.float32)
        batch = advance(batch, chosen[0], chosen[1], dice)
        alone = [advance(one, *chosen[:, :, at], dice[:, at]) for at, one in enumerate(alone)]
    for behind, *each in zip(*map(jax.tree.leaves, (batch, *alone)), strict=True):
        np.testing.assert_allclose(np.moveaxis(behind, -1, 0), np.stack(each), atol=1e-5)


def test_a_picture_shows_both_sides_and_the_ball():
    picture = np.asarray(WORLD.render(start([(0.0, 0.2), (-0.3, 0.2)], [(0.3, -0.2)])))
    assert picture.dtype == np.uint8
    colours = {tuple(colour) for colour in picture.reshape(-1, 3).tolist()}
    assert {(47, 109, 181), (196, 60, 48), (250, 250, 250)} <= colours
    row, _ = np.argwhere((picture == (47, 109, 181)).all(-1)).mean(0)
    assert row < picture.shape[0] / 2  # y = 0.2 is above


def test_a_match_of_one_or_of_no_steps_is_refused():
    with pytest.raises(ConfigError, match="players to 2 or more"):
        Football(1)
    with pytest.raises(ConfigError, match="at least one step"):
        Football(5, steps=0)
