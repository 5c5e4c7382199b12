"""Levels: their text, what is legal, and how what is not becomes so."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football import level as levels
from wunderkammer.worlds.football.level import Lineup
from wunderkammer.worlds.football.pitch import APART, FIELD_X, FIELD_Y

LEFT, RIGHT = [[-0.97, 0.0], [-0.2, 0.1]], [[0.97, 0.0], [0.2, -0.1]]
WORDS = "left -0.970,0.000 -0.200,0.100\nright 0.970,0.000 0.200,-0.100\nball 0.500,0.000"
number = st.floats(-3, 3, width=32)


def places(count: int):
    return st.lists(st.tuples(number, number), min_size=count, max_size=count)


def test_the_text_is_read_back():
    level = levels.lineup(LEFT, RIGHT, [0.5, -0.0])
    assert levels.text(level) == WORDS
    assert levels.text(levels.read(WORDS)) == WORDS
    assert levels.legal(level) == ()


def test_json_is_read_back():
    level = levels.lineup(LEFT, RIGHT, [0.5, 0.0])
    again = levels.of_plain(json.loads(levels.dumps(level)))
    assert levels.text(again) == WORDS


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("left 0,0 1,1\nright 0,0 1,1", "no line for ball"),
        ("left 0,0 1,1\nright 0,0 1;1\nball 0,0", "right: '1;1' is no place"),
        ("up 0,0", "begins with 'up'"),
        (WORDS + "\nball 0,0", "begins with 'ball'"),
        (WORDS + " 0.1,0.1", "ball: 2 places"),
        ("left 0,0 1,1\nright 0,0\nball 0,0", "left has 2 players and right has 1"),
        ("left 0,0\nright 0,0\nball 0,0", "fewer than 2"),
    ],
)
def test_a_malformed_text_is_refused_by_name(words: str, fault: str):
    with pytest.raises(ConfigError, match=fault):
        levels.read(words)


def test_what_is_off_is_named_and_mended():
    level = levels.lineup([[-1.2, 0.0], [-0.2, 0.5]], [[0.97, 0.0], [0.2, -0.1]], [0.95, 0.0])
    faults = levels.legal(level)
    assert [fault.split(" is ")[0] for fault in faults] == ["left[0]", "left[1]", "ball"]
    mended = levels.repair(level)
    assert mended.changes == faults
    assert levels.legal(mended.lineup) == ()
    np.testing.assert_allclose(mended.lineup.left, [[-1.0, 0.0], [-0.2, 0.4]], atol=1e-6)
    np.testing.assert_allclose(mended.lineup.ball, [0.9, 0.0], atol=1e-6)


def test_two_who_overlap_are_pushed_apart_by_halves_and_the_others_stay():
    level = levels.lineup([[-0.97, 0.0], [0.0, 0.0]], [[0.97, 0.0], [0.01, 0.0]], [0.5, 0.0])
    assert levels.legal(level) == ("right[1] is 0.010 from left[1], nearer than 0.02",)
    mended = levels.repair(level).lineup
    assert np.linalg.norm(mended.left[1] - mended.right[1]) >= APART
    np.testing.assert_allclose((mended.left[1] + mended.right[1]) / 2, [0.005, 0.0], atol=1e-6)
    np.testing.assert_array_equal(mended.left[0], level.left[0])


@given(places(5), places(5), st.tuples(number, number))
@settings(max_examples=50, deadline=None)
def test_whatever_is_given_is_mended_into_a_legal_level_and_that_is_left_alone(left, right, ball):
    mended = levels.repair(levels.lineup(left, right, ball)).lineup
    assert levels.legal(mended) == ()
    assert levels.repair(mended).changes == ()
    outfield = np.concatenate([mended.left[1:], mended.right[1:], mended.ball[None]])
    assert (np.abs(outfield) <= [FIELD_X + 1e-6, FIELD_Y + 1e-6]).all()


def test_twenty_two_on_one_spot_find_room():
    heap = np.zeros((11, 2), np.float32)
    assert levels.legal(levels.repair(Lineup(heap, heap, np.zeros(2))).lineup) == ()


@pytest.mark.parametrize(
    ("side", "fault"),
    [
        ([[0.0, 0.0], [np.nan, 0.0]], r"left\[1\]: .* is no place"),
        ([[0.0, 0.0], [np.inf, 0.0]], r"left\[1\]: .* is no place"),
        ([0.0, 0.0], r"left: shape \(2,\)"),
        ([["a", "b"], ["c", "d"]], "left: not numbers"),
    ],
)
def test_what_is_no_place_is_refused(side, fault):
    with pytest.raises(ConfigError, match=fault):
        levels.repair(Lineup(side, RIGHT, [0.0, 0.0]))


def test_turned_twice_it_is_the_same():
    level = levels.sample(np.random.default_rng(0), 5)
    assert levels.legal(level) == ()
    other = levels.mirrored(level)
    np.testing.assert_array_equal(other.left, -level.right)
    assert levels.text(levels.mirrored(other)) == levels.text(level)
