"""Levels on a sheet are seen whole, whatever size they are drawn at."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from wunderkammer.domains.paired.sheet import SIDE, Row, Shown, sheet
from wunderkammer.worlds.car import catalogue
from wunderkammer.worlds.car.drawing import svg as track
from wunderkammer.worlds.maze import text
from wunderkammer.worlds.maze.drawing import svg as maze

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("drawing", [maze(text.read(">....\n.....\n.....\n.....\n....G")),
                                     track(catalogue.TRACKS.find("Monza"))], ids=["maze", "track"])  # fmt: skip
def test_a_frame_shows_all_of_its_drawing(drawing) -> None:
    whole = ElementTree.fromstring(sheet([Row("One < two", [Shown(drawing, "the first"), Shown(drawing)])]))
    frames = whole.findall(f"{SVG}svg")
    assert [frame.attrib["width"] for frame in frames] == [str(SIDE)] * 2
    for frame in frames:
        (inner,) = frame.findall(f"{SVG}svg")
        assert frame.attrib["viewBox"].split()[2:] == [inner.attrib["width"], inner.attrib["height"]]
    assert [words.text for words in whole.findall(f"{SVG}text")][:2] == ["One < two", "the first"]


def test_an_empty_sheet_is_a_drawing() -> None:
    assert ElementTree.fromstring(sheet([])).tag == f"{SVG}svg"
