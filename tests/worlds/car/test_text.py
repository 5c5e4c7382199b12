"""Tracks as text: what is written is read, and what is malformed is told by its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.car import catalogue
from wunderkammer.worlds.car.drawing import svg
from wunderkammer.worlds.car.text import POINTS, SIDE, Plan, Point, read, write

PLACES = st.tuples(st.integers(0, SIDE), st.integers(0, SIDE))
RING = "\n".join(f"{x} {y}" for x, y in catalogue.TRACKS.find("Monza").points)


@given(st.lists(PLACES, min_size=POINTS, max_size=POINTS, unique=True))
def test_writing_and_reading_come_back_to_the_same_track(places) -> None:
    plan = Plan(tuple(Point(*place) for place in places))
    assert read(write(plan)) == plan


def test_commas_brackets_and_blank_lines_do_not_matter() -> None:
    lines = RING.splitlines()
    assert read("\n\n".join(f" ({line.replace(' ', ', ')}) " for line in lines)) == read(RING)


def changed(line: int, to: str) -> str:
    lines = RING.splitlines()
    lines[line - 1] = to
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "ends after 0 points"),
        (changed(3, "x 3"), "line 3 of the track is 'x 3'"),
        (changed(5, "1.5 3"), "line 5"),
        (changed(4, "10 301"), "line 4 of the track is '10 301'; both numbers lie between 0 and 300"),
        (changed(4, "-1 30"), "line 4"),
        (changed(2, RING.splitlines()[0]), "line 2 of the track repeats the line before it"),
        (changed(12, RING.splitlines()[0]), "line 12 of the track repeats the first"),
        (RING + "\n1 2", "line 13 of the track is one too many"),
        ("\n".join(RING.splitlines()[:7]), "ends after 7 points"),
    ],
)
def test_a_malformed_track_is_told_by_its_line(words: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint) as caught:
        read(words)
    assert "\n" not in str(caught.value)


def test_there_are_twenty_circuits_and_a_file_of_them_comes_back() -> None:
    circuits = catalogue.TRACKS.suite(catalogue.CIRCUITS)
    assert len(circuits) == 20
    assert {"Monaco", "Monza", "Silverstone", "Spa"} <= set(circuits)
    assert catalogue.TRACKS.parse(catalogue.TRACKS.compose(circuits, "a remark"), "x") == circuits


def test_equal_tracks_have_equal_pictures() -> None:
    assert svg(read(RING)) == svg(read(RING))
    assert svg(read(RING), path=[(1, 2), (3, 4)]).count("<polyline") == svg(read(RING)).count("<polyline") + 1
