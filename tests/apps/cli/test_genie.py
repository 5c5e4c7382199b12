"""`wunder genie`: a training through a dispatcher, and wrong input in one line each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wunderkammer.learners.video.settings import FORMAT


def test_help_has_examples(wunder) -> None:
    for command in ("train", "data", "evaluate", "dream"):
        shown = wunder("genie", command, "--help")
        assert shown.code == 0
        assert f"wunder genie {command}" in shown.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--videos", "nowhere"], "'nowhere' is neither a folder of videos nor one of"),
        (["--videos", "empty"], "empty is empty; put video files into it"),
        (["--preset", "huge"], "no preset 'huge'; there are: ablation, cpu, gpu, grid, smoke"),
        (["-o", "width=30"], "heads: 4 do not divide width 30"),
        (["-o", "speed=3"], "speed"),
    ],
)
def test_what_cannot_be_trained_is_said_in_one_line(wunder, tmp_path: Path, arguments, words) -> None:
    (tmp_path / "empty").mkdir()
    found = wunder("genie", "train", "--out", "w", *arguments)
    assert found.code == 2
    assert words in found.err
    assert found.err.count("\n") == 1


def test_a_folder_of_other_files_is_no_folder_of_videos(wunder, tmp_path: Path) -> None:
    pytest.importorskip("av")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/a.txt").write_text("no video", "utf-8")
    found = wunder("genie", "train", "--out", "w", "--videos", "notes", "--preset", "smoke")
    assert found.code == 2
    assert "1 files are no video" in found.err


def test_a_film_is_made_once_and_finished_where_it_lies(wunder, tmp_path: Path) -> None:
    words = ("genie", "data", "grid", "--out", "film", "--size", "16", "--frames", "1024", "--workers", "1")
    made = wunder(*words, "--home", tmp_path)
    again = wunder(*words, "--home", tmp_path)
    other = wunder(*words[:5], "--size", "32", "--frames", "1024", "--home", tmp_path)

    assert (made.code, again.code) == (0, 0), made.err + again.err
    assert json.loads((tmp_path / "film/manifest.json").read_text("utf-8"))["side"] == 16
    assert "true actions" in made.out
    assert other.code == 2
    assert other.err.count("\n") == 1


def test_dreaming_of_nothing_is_said_in_one_line(wunder, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("jax")
    found = wunder("genie", "dream", str(tmp_path))
    assert found.code == 2
    assert "holds no world" in found.err
    assert found.err.count("\n") == 1


def test_a_folder_without_a_world_is_said_in_one_line(wunder, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    found = wunder("genie", "evaluate", str(tmp_path))
    assert found.code == 2
    assert "holds no world" in found.err


def test_a_world_of_another_version_is_said_in_one_line(wunder, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "settings.json").write_text('{"format": 99}', "utf-8")
    found = wunder("genie", "evaluate", str(tmp_path))
    assert found.code == 2
    assert f"is of format 99, and this version reads format {FORMAT}" in found.err


def test_a_training_that_nobody_waits_for_takes_no_more_cores_than_jobs_have(wunder, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "wunder.toml").write_text("[jobs]\ncores = 1\n", "utf-8")
    made = wunder("genie", "train", "--videos", "squares", "--preset", "smoke", "--out", "w", "--detach")
    (job,) = json.loads(wunder("jobs", "--json").out)
    wunder("jobs", "cancel", job["id"])
    assert (made.code, job["job"]["needs"]["cores"]) == (0, 1)
    assert made.out.endswith("when it is done, the same command puts the world there\n")


@pytest.mark.slow
def test_a_world_is_trained_and_put_where_it_was_wanted(wunder, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    made = wunder("genie", "train", "--videos", "squares", "--preset", "smoke", "--out", "w", "--cores", "1")
    assert made.code == 0, made.err
    assert json.loads((tmp_path / "w/settings.json").read_text("utf-8"))["settings"]["side"] == 16
