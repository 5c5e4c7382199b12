"""Rooms of toys as frames of tokens: exact, read back, and judged by the world's own rules."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.domains.video_decisions import rooms
from wunderkammer.domains.video_decisions.film import (
    Film,
    demonstrated,
    known_levels,
    moved,
    new_levels,
    sampled,
    sentences,
    shown,
    wandered,
    world_of,
)
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.domains.video_decisions.trying import attempt, drawn, expert
from wunderkammer.worlds.toys.level import goal_of
from wunderkammer.worlds.toys.levels import ToyLevels
from wunderkammer.worlds.toys.words import HELD, sentence

SETTINGS = VideoSettings(role="plan", seed=3, room=4, demonstrations=24, plays=8)
WORLD = world_of(SETTINGS)
LEVELS = sampled(known_levels(SETTINGS), jax.random.key(1), 24)
WAYS = demonstrated(WORLD, LEVELS)


@pytest.fixture(scope="module")
def film() -> Film:
    return Film.of(SETTINGS)


def test_tokens_are_what_the_world_paints_and_back() -> None:
    levels = sampled(ToyLevels(WORLD), jax.random.key(2), 40)
    ways = wandered(WORLD, levels, jax.random.key(3))

    def painted(codes, level):
        return WORLD.render(rooms.state_of(codes, level, WORLD.side)[0])

    for codes in ways.codes[::6]:
        true = np.asarray(jax.jit(jax.vmap(painted))(codes, levels))
        assert (rooms.tiles().decode(codes) == true).all()
        assert (rooms.tiles().encode(true) == codes).all()


def test_a_state_is_read_off_its_frame() -> None:
    states, _ = jax.vmap(partial(WORLD.reset_to_level, jax.random.key(0)))(LEVELS)
    codes = jax.vmap(partial(rooms.codes_of, side=WORLD.side))(states)
    found, whole = jax.vmap(partial(rooms.state_of, side=WORLD.side))(codes, LEVELS)
    assert whole.all()
    assert (found.agent == states.agent).all()
    assert (found.places == states.places).all()
    assert (found.held == states.held).all()


def test_every_true_transition_is_possible_and_planted_ones_are_found() -> None:
    for codes in (WAYS.codes, wandered(WORLD, LEVELS, jax.random.key(4)).codes):
        for before, after in pairwise(codes):
            assert rooms.possible(WORLD, before, after, LEVELS).all()
    before = WAYS.codes[0]
    robot = before % rooms.ROBOTS > 0
    gone, twice, another = before - before % rooms.ROBOTS, before.copy(), before.copy()
    for row, free in enumerate((before == rooms.EMPTY * rooms.ROBOTS).argmax(-1)):
        twice[row, free] += 1
        another[row, free] = (before[row].max() + 3 * 7) % (3 * rooms.EMPTY) // 3 * 3
    far = np.where(robot, before - 1, before)
    for row, toy in enumerate((before // rooms.ROBOTS != rooms.EMPTY).argmax(-1)):
        far[row, toy] = rooms.EMPTY * rooms.ROBOTS + robot[row, toy]
    for spoilt in (gone, twice, another, far):
        assert not rooms.possible(WORLD, before, spoilt, LEVELS).any()
        assert not rooms.possible(WORLD, spoilt, before, LEVELS).any()


def test_a_robot_that_leaps_is_impossible() -> None:
    leaps = WAYS.length > 3
    assert leaps.any()
    assert not rooms.possible(WORLD, WAYS.codes[0], WAYS.codes[3], LEVELS)[leaps & (WAYS.length > 0)].all()


def test_the_film_never_names_what_is_held_out() -> None:
    told = {sentence(goal_of(jax.tree.map(lambda leaf, at=at: leaf[at], LEVELS))) for at in range(24)}
    assert not any(f"{colour} {shape}" in one for colour, shape in HELD for one in told)
    new = sampled(new_levels(SETTINGS), jax.random.key(5), 12)
    goals = [goal_of(jax.tree.map(lambda leaf, at=at: leaf[at], new)) for at in range(12)]
    assert all(goal.combinations[0] in HELD for goal in goals)
    assert (sentences(new) == rooms.words().all([sentence(goal) for goal in goals])).all()


def test_pages_follow_from_their_number_and_say_what_comes(film: Film) -> None:
    length = film.words.length
    assert all((film.batch(turn, 8) == Film.of(SETTINGS).batch(turn, 8)).all() for turn in range(3))
    assert not (film.batch(0, 8) == film.batch(1, 8)).all()
    assert film.batch(0, 8).shape == (8, 2, length + 16)
    assert film.batch(2, 8).shape == (4, 3, length + 16)
    rows = film.labelled(5, 32).numpy()
    before, after, action = rows[:, length : length + 16], rows[:, length + 16 : -1], rows[:, -1]
    assert ((action >= 0) & (action < 5)).all()
    hand = action == 4
    assert hand.any()
    assert (before[~hand] // 3 != rooms.EMPTY).sum() == (after[~hand] // 3 != rooms.EMPTY).sum()


def test_a_demonstration_is_of_the_same_goal_elsewhere() -> None:
    other = moved(WORLD, jax.random.key(6), LEVELS)
    assert (sentences(other) == sentences(LEVELS)).all()
    assert (np.asarray(other.agent) != np.asarray(LEVELS.agent)).any()
    ways = demonstrated(WORLD, other)
    assert (shown(ways)[:, 0] == ways.codes[0]).all()
    assert (shown(ways)[:, 2] == ways.codes[-1]).all()


def test_the_expert_does_in_a_trial_what_it_demonstrates() -> None:
    room = drawn(known_levels(SETTINGS), 7, 16)
    ways = demonstrated(WORLD, room.levels)
    found = attempt(room, lambda seen, turn: ways.action[turn])
    assert found.met.mean() == expert(room) > 0.9
    assert (found.steps == ways.length).all()
    still = attempt(room, lambda seen, turn: np.full(len(seen), 4))
    assert still.met.mean() < found.met.mean()


def test_seen_planes_show_robot_and_goal() -> None:
    from wunderkammer.domains.video_decisions.dreams import Outside

    state, seen = jax.vmap(partial(Outside(WORLD).reset_to_level, jax.random.key(0)))(LEVELS)
    assert seen.room.shape == (24, 4, 4, 4)
    assert (seen.room[..., 0].sum((1, 2)) == 1).all()
    assert (seen.room[..., 2].sum((1, 2)) == 1).all()
    first = jnp.take_along_axis(state.places, LEVELS.goal.first[:, None, None], 1)[:, 0]
    assert (seen.room[jnp.arange(24), first[:, 0], first[:, 1], 2] == 1).all()
