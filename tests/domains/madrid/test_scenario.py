"""Levels: what is repaired, what is refused, where they belong, and how they are varied."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from wunderkammer.domains.madrid.cells import axes_of, cell_of, middle, window
from wunderkammer.domains.madrid.scenario import Scenario, worded
from wunderkammer.domains.madrid.variation import fresh, generator, of_vector, varied, vector
from wunderkammer.worlds.football.level import lineup, repair
from wunderkammer.worlds.football.pitch import FIELD_X, FIELD_Y

LEFT, RIGHT = ((-0.97, 0.0), (-0.2, 0.1)), ((0.97, 0.0), (0.3, -0.2))


def level(**changes: object) -> Scenario:
    return Scenario(**{"left": LEFT, "right": RIGHT, "ball": (0.0, 0.0), "reference": "weak", **changes})


def test_places_are_kept_with_three_decimals() -> None:
    assert level(ball=[0.12345, -0.0001]).ball == (0.123, 0.0)


def test_whoever_is_off_the_pitch_is_put_on_its_border_and_counted() -> None:
    found = level(left=((-0.97, 0.0), (1.4, 0.1)))
    assert found.left[1] == (FIELD_X, 0.1)
    assert found.repaired == 1


def test_two_on_one_spot_are_pushed_apart_by_the_football_s_rule() -> None:
    found = level(left=((-0.97, 0.0), (0.3, -0.2)))
    by_rule = repair(lineup(((-0.97, 0.0), (0.3, -0.2)), RIGHT, (0, 0))).lineup
    assert np.allclose(found.lineup.left, by_rule.left, atol=6e-4)
    assert found.repaired


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"left": ((-0.97, 0.0), (float("nan"), 0.1))}, r"left\[1\]"),
        ({"ball": (0.0, 0.0, 0.0)}, "ball"),
        ({"right": ((0.9, 0.0),)}, "left has 2 players and right has 1"),
        ({"right": ((0.9, 0.0), ("x", 0.1))}, "right: not numbers"),
        ({"reference": ""}, "reference"),
    ],
)
def test_what_is_no_level_is_refused_with_the_field_named(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        level(**changes)


def test_a_missing_side_is_named() -> None:
    with pytest.raises(ValidationError, match="right\n  Field required"):
        Scenario.model_validate({"left": LEFT, "ball": (0, 0), "reference": "weak"})


@given(st.integers(0, 2**32), st.integers(2, 11))
def test_what_was_repaired_once_is_left_alone(seed: int, players: int) -> None:
    draw = np.random.default_rng(seed)
    crowd = {"left": draw.normal(0, 0.1, (players, 2)), "right": draw.normal(0, 0.5, (players, 2))}
    found = Scenario(**{name: side.tolist() for name, side in crowd.items()}, ball=draw.normal(0, 1, 2).tolist(),
                     reference="weak")  # fmt: skip
    assert Scenario(**found.model_dump(mode="json")) == found


# ---- cells -----------------------------------------------------------------------------------------------------------


@given(st.floats(-FIELD_X, FIELD_X), st.floats(-FIELD_Y, FIELD_Y))
def test_every_place_of_the_ball_has_a_cell(x: float, y: float) -> None:
    axes = list(axes_of(("weak", "strong")).values())
    assert all(value in values for value, values in zip(cell_of((x, y), "weak"), axes, strict=True))


def test_the_middle_and_the_edges_of_a_cell_lie_in_it() -> None:
    for row in axes_of(("weak",))["ball y"]:
        for column in axes_of(("weak",))["ball x"]:
            cell = (row, column, "weak")
            (left, right), (low, high) = window(cell)
            for place in (middle(cell), (left, low), (right, high)):
                assert cell_of((round(place[0], 3), round(place[1], 3)), "weak") == cell


def test_the_first_row_is_the_upper_wing() -> None:
    assert cell_of((0.0, 0.39), "weak")[0] == axes_of(("weak",))["ball y"][0] == "y +0.36"


# ---- variation -------------------------------------------------------------------------------------------------------


def test_an_aimed_child_lands_in_its_aim_and_keepers_stay() -> None:
    aim = ("y -0.36", "x +0.84", "strong")
    for seed in range(20):
        for form in ("aimed", "carried"):
            child = varied(level(), form, aim, 0.1, generator(Random(seed)))
            assert child.cell == aim
            assert child.left[0] == LEFT[0]
            assert child.left[1] != LEFT[1]


def test_a_gaussian_child_moves_by_sigma_and_takes_the_aim_s_reference() -> None:
    aim = ("y -0.36", "x +0.84", "strong")
    far = [varied(level(), "gaussian", aim, 0.1, generator(Random(seed))) for seed in range(200)]
    assert {child.reference for child in far} == {"strong"}
    assert np.std([child.ball[0] for child in far]) == pytest.approx(0.1, rel=0.3)
    assert varied(level(), "gaussian", None, 0.1, generator(Random(1))).reference == "weak"


def test_carried_players_go_along_the_nearer_the_further() -> None:
    parent = level(left=((-0.97, 0.0), (0.0, 0.05)), right=((0.97, 0.0), (-0.8, -0.3)))
    child = varied(parent, "carried", ("y +0.04", "x +0.62", "weak"), 1e-6, generator(Random(3)))
    went = child.ball[0] - parent.ball[0]
    near, far = (
        after[1][0] - before[1][0] for after, before in ((child.left, parent.left), (child.right, parent.right))
    )
    assert 0.85 * went < near <= went
    assert far < 0.5 * went


def test_fresh_levels_are_drawn_anywhere_or_for_an_aim() -> None:
    rng = generator(Random(0))
    assert len({fresh(rng, 3, "weak", None).cell for _ in range(50)}) > 20
    assert fresh(rng, 3, "weak", ("y -0.36", "x +0.84", "strong")).cell == ("y -0.36", "x +0.84", "strong")


def test_a_level_is_a_vector_and_back() -> None:
    found = of_vector(vector(level()), 2, "weak", "given")
    assert found == level()


def test_its_words_say_where_the_ball_is_and_who_is_near() -> None:
    words = worded(level(left=((-0.97, 0.0), (0.05, 0.0))))
    assert "middle third, in the centre; the attackers are nearer" in words
    assert "Judged by weak." in words
    assert "ball 0.000,0.000" in words
