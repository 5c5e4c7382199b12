"""Drawings of the calibration study: well-formed, every name and figure in them, and what jobs drew beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.domains.calibration.drawing import by_architecture, by_dose, by_set
from wunderkammer.domains.calibration.settings import CalibrationOptions, CalibrationSettings
from wunderkammer.domains.calibration.spread import Interval
from wunderkammer.domains.calibration.study import CalibrationStudy

SVG = "{http://www.w3.org/2000/svg}"


def words(drawing: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(drawing).iter(f"{SVG}text")]


def bars(drawing: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(drawing).iter(f"{SVG}line"))


def test_every_set_of_every_quantiser_has_its_interval() -> None:
    found = {"gptq": {"prose": Interval(2.5, 2.4, 2.6), "<mine>": Interval(2.7, 2.65, 2.75)}}
    drawing = by_set({**found, "static": {"prose": Interval(4.0, -math.inf, math.inf)}})

    assert {"gptq", "static", "prose", "<mine>", "2.500", "2.700"} <= set(words(drawing))
    first, second = bars(drawing)  # one seed has no interval
    assert float(first.attrib["x2"]) < float(second.attrib["x1"])


def test_a_curve_rises_with_the_dose() -> None:
    drawing = by_dose(
        {"dynamic": {dose: Interval(mean, mean, mean) for dose, mean in ((1, 3.0), (10, 3.4), (100, 5.0))}}
    )
    (line,) = ElementTree.fromstring(drawing).iter(f"{SVG}polyline")
    heights = [float(point.partition(",")[2]) for point in line.attrib["points"].split()]

    assert heights == sorted(heights, reverse=True)
    assert {"×1", "×10", "×100", "dynamic"} <= set(words(drawing))


def test_a_model_is_a_dot_and_a_normal_distribution_a_line() -> None:
    drawing = by_architecture({"old": [40.0, 55.0], "new": [4.0, 5.0]})

    assert len(list(ElementTree.fromstring(drawing).iter(f"{SVG}circle"))) == 4
    assert {"old blocks", "40 to 55", "new blocks", "4 to 5", "3: a normal distribution"} <= set(words(drawing))


def entries(**settings: object) -> Iterator[Entry]:
    for seed in range(3):
        genome = CalibrationSettings.model_validate({**settings, "seed": seed})
        outcome = Outcome(score=-2.0, cell=None, measures={"loss": 2.0 + seed / 100, "kurtosis": 9.0})
        yield Entry(candidate=Candidate(domain="calibration-study", genome=genome), outcome=outcome)


@pytest.mark.parametrize(
    ("settings", "caption"),
    [
        ([{"set": "prose"}, {"set": "noise"}], "Loss after each calibration set"),
        ([{"quantiser": "dynamic"}, {"quantiser": "dynamic", "outliers": 10}], "What outliers"),
        ([{"quantiser": "static", "architecture": "old"}], "Largest kurtosis"),
    ],
)
def test_what_was_measured_is_drawn(settings: list[dict[str, object]], caption: str) -> None:
    known = [entry for one in settings for entry in entries(**one)]
    (picture,) = CalibrationStudy(CalibrationOptions(model="owner/model")).pictures(known, {})

    assert picture.caption.startswith(caption)
    ElementTree.fromstring(picture.data)


def test_what_layers_read_is_shown_once_where_it_was_watched(tmp_path: Path) -> None:
    one = CalibrationStudy(CalibrationOptions(model="owner/model", look=True))
    known = list(entries(set="prose"))
    (watch,) = {job.id for entry in known for job in one.jobs(entry.candidate) if job.module.endswith("activations")}
    (tmp_path / "sizes.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8")

    (picture,) = one.pictures(known, {watch: str(tmp_path)})
    assert picture.caption == "Sizes of what each layer of the model reads."
    assert not CalibrationStudy(CalibrationOptions(model="owner/model")).pictures(known, {watch: str(tmp_path)})
