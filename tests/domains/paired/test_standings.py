"""How arms of a study are told apart and summed up, and how their trainings are drawn."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.domains.paired.curves import band, curves
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.domains.paired.standings import arms, sections
from wunderkammer.domains.paired.study import PairedStudy

SVG = "{http://www.w3.org/2000/svg}"


def trained(solved: float, slot: int, measures=None, **settings) -> Entry[TrainingSettings]:
    genome = TrainingSettings(size=7, walls=16, seed=slot, **settings)
    found = {"solved": solved, "solved_equal_steps": solved / 2, "walls": 5.0, **(measures or {})}
    outcome = Outcome(score=solved, cell=None, measures=found)
    return Entry(candidate=Candidate(domain="paired-study", genome=genome), outcome=outcome, slot=slot)


def test_arms_are_named_by_what_sets_them_apart() -> None:
    tried = [trained(0.5, 0), trained(0.6, 1), trained(0.4, 2, method="paired-stable"),
             trained(0.3, 3, method="paired-stable", cloning="none")]  # fmt: skip
    found = arms(tried)
    assert {name: len(entries) for name, entries in found.items()} == {
        "dr": 2, "paired-stable": 1, "paired-stable, cloning=none": 1,
    }  # fmt: skip


def test_what_most_arms_have_goes_without_saying() -> None:
    tried = [trained(0.5, 0, updates=120, report=10, test=10), trained(0.1, 1, updates=10, report=10, test=10),
             trained(0.5, 2, updates=120, report=10, test=10, method="accel")]  # fmt: skip
    assert list(arms(tried)) == ["dr", "dr, updates=10", "accel"]


def test_circuits_are_not_called_mazes() -> None:
    drives = {"solved in Monza": 0.5, "returned": 400.0, "metres": 800.0}
    tiles, late, by_circuit = sections([trained(0.5, seed, drives, world="car") for seed in range(2)])
    assert tiles.title == "Tiles of the held-out circuits visited"
    assert late.columns == ("levels chosen by", "mean return", "walls", "length, m")
    assert (by_circuit.title, by_circuit.columns[0]) == ("Circuit by circuit", "circuit")


def test_solve_rates_are_told_with_intervals_and_against_randomisation() -> None:
    tried = [trained(0.1 * seed, seed) for seed in range(4)]
    tried += [trained(0.5, seed, {"teacher_entropy": 2.0}, method="paired") for seed in range(4)]
    rates, levels = sections(tried)
    randomised, built = rates.rows
    assert randomised[:3] == ("dr", 4, "0.150 [0.000, 0.300]")
    assert built[:5] == ("paired", 4, "0.500 [0.500, 0.500]", "0.250 [0.250, 0.250]", 1.0)
    assert levels.columns == ("levels chosen by", "teacher's entropy, nats", "walls")
    assert [row[1] for row in levels.rows] == [None, 2.0]
    assert sections([]) == []


def test_named_mazes_are_tasks_of_their_own() -> None:
    mazes = {"solved in Labyrinth": 0.2, "solved in SixteenRooms": 0.8}
    *_, by_maze = sections([trained(0.5, seed, mazes) for seed in range(2)])
    assert by_maze.rows == (("Labyrinth", 0.2), ("SixteenRooms", 0.8))


def test_a_band_is_the_middle_half_wherever_all_trainings_were_examined() -> None:
    runs = [[{"update": 1, "steps": 10, "solved": value}, {"update": 2, "steps": 20}] for value in (0.0, 0.5, 1.0)]
    found = band(runs, "solved", "steps")
    assert found is not None
    assert (found.at, found.low, found.middle, found.high) == ([10], [0.25], [0.5], [0.75])
    assert band(runs, "teacher_entropy", "update") is None


def test_the_drawing_has_a_panel_per_measure_and_a_line_per_arm() -> None:
    rows = [{"update": 1.0, "steps": 10.0, "solved": 0.1, "walls": 3.0}, {"update": 2.0, "steps": 20.0, "solved": 0.2}]
    drawn = ElementTree.fromstring(curves({"dr": [rows], "a < b": [rows, []]}))
    assert len(drawn.findall(f"{SVG}g")) == 3, "solved by update and by step, and walls"
    assert len(drawn.findall(f".//{SVG}polyline")) == 6
    assert "a < b" in [words.text for words in drawn.iter(f"{SVG}text")]


def test_found_levels_make_a_curve_of_their_own(tmp_path) -> None:
    study, found = PairedStudy(), f"{'0' * 24}.txt"
    entries, folders = [trained(0.4, 0), trained(0.6, 0, levels=found)], {}
    for entry in entries:
        (job,) = study.jobs(entry.candidate)
        folders[job.id] = str(tmp_path / job.id)
        (tmp_path / job.id).mkdir()
        (tmp_path / job.id / "curve.json").write_text(json.dumps([{"update": 1.0, "steps": 8.0, "solved": 0.5}]))
    assert len(folders) == 2, "with the levels and without are two jobs"
    (picture,) = study.pictures(entries, folders)
    drawn = ElementTree.fromstring(picture.data)
    assert {"dr", f"dr, levels={found}"} <= {words.text for words in drawn.iter(f"{SVG}text")}


@pytest.mark.parametrize("kept", [True, False])
def test_what_jobs_left_is_drawn(tmp_path, kept) -> None:
    study, entry = PairedStudy(), trained(0.5, 0)
    (job,) = study.jobs(entry.candidate)
    if kept:
        (tmp_path / "curve.json").write_text(json.dumps([{"update": 1.0, "steps": 8.0, "solved": 0.5}]))
        (tmp_path / "mazes.svg").write_text("<svg/>")
    found = study.pictures([entry], {job.id: str(tmp_path)} if kept else {})
    assert [one.caption.split(":")[0] for one in found] == (["Trainings over time", "dr"] if kept else [])
