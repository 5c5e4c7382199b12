"""`wunder worlds`: what is shown is what is kept, and what goes out comes back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

MAP = ">..\n##.\nG.."


def test_suites_and_their_mazes_are_listed(wunder) -> None:
    (held_out,) = [one for one in json.loads(wunder("worlds", "suites", "--json").out) if one["suite"] == "held-out"]
    listed = json.loads(wunder("worlds", "list", "held-out", "--json").out)
    assert len(listed) == held_out["levels"] > 10
    assert held_out["unsolvable"] == 0
    assert {"maze": "Labyrinth", "size": "13 x 13"}.items() <= next(
        o for o in listed if o["maze"] == "Labyrinth"
    ).items()
    assert "SixteenRooms" in wunder("worlds", "list").out


def test_a_maze_is_shown_with_its_figures(wunder, tmp_path: Path) -> None:
    (tmp_path / "corner.txt").write_text(MAP, "utf-8")
    shown = wunder("worlds", "show", "corner.txt", "-o", "corner.svg", "-o", "copy.txt")
    assert shown.code == 0
    assert shown.out.startswith(MAP)
    assert "3 x 3" in shown.out
    assert (tmp_path / "corner.svg").read_text("utf-8").startswith("<svg")
    assert (tmp_path / "copy.txt").read_text("utf-8") == MAP + "\n"
    assert json.loads(wunder("worlds", "show", "corner.txt", "--json").out)["path"] == 6


def test_an_episode_is_played_and_drawn(wunder, tmp_path: Path) -> None:
    (tmp_path / "corner.txt").write_text(MAP, "utf-8")
    shown = wunder("worlds", "show", "corner.txt", "-o", "walk.gif", "-o", "begin.png", "--horizon", "40")
    assert shown.code == 0, shown.err
    assert "an episode of" in shown.out
    assert (tmp_path / "walk.gif").read_bytes().startswith(b"GIF89a")
    assert (tmp_path / "begin.png").read_bytes().startswith(b"\x89PNG")


def test_mazes_are_imported_and_exported(wunder, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("; two\n[Corner]\n>..\n..G\n\n[Shut]\n>#G\n", "utf-8")
    brought = wunder("worlds", "import", "mine.txt", "--as", "my corners")
    assert brought.out == "my-corners: 2 mazes; no way to the goal in 1: Shut\n"
    assert "no way to the goal" in wunder("worlds", "list", "my-corners").out
    assert "Corner" in wunder("worlds", "export", "my-corners", "out.txt").out or (tmp_path / "out.txt").exists()
    assert (tmp_path / "out.txt").read_text("utf-8") == "[Corner]\n>..\n..G\n\n[Shut]\n>#G\n"
    assert wunder("worlds", "show", "Corner").code == 0


def test_tracks_are_listed_shown_and_imported_as_mazes_are(wunder, tmp_path: Path) -> None:
    listed = json.loads(wunder("worlds", "list", "circuits", "--json").out)
    assert len(listed) == 20
    assert all(one["world"] == "car" and one["solvable"] for one in listed)
    shown = wunder("worlds", "show", "Monaco", "-o", "monaco.svg", "-o", "copy.txt")
    assert shown.code == 0, shown.err
    assert len((tmp_path / "copy.txt").read_text("utf-8").splitlines()) == 12
    assert (tmp_path / "monaco.svg").read_text("utf-8").startswith("<svg")
    flat = "\n".join(f"{20 * place} {150 - place % 2}" for place in range(12))
    (tmp_path / "mine.txt").write_text(f"[Flat]\n{flat}\n", "utf-8")
    assert wunder("worlds", "import", "mine.txt").out == "mine: 1 tracks; not drivable in 1: Flat\n"
    assert "not drivable" in wunder("worlds", "list", "mine").out
    (tmp_path / "bad.txt").write_text("1 2\n3 400\n", "utf-8")
    assert "bad.txt, bad: line 2 of the track is '3 400'" in wunder("worlds", "show", "bad.txt").err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("show", "Nowhere"), "unknown level 'Nowhere'; there are: "),
        (("show", "Labirinth"), "unknown level 'Labirinth': did you mean Labyrinth"),
        (("list", "none"), "unknown suite 'none'"),
        (("show", "bad.txt"), "bad.txt, bad: row 1, column 2 of the map is 'x'"),
        (("import", "bad.txt"), "row 1, column 2"),
        (("import", "missing.txt"), "cannot read missing.txt"),
        (("import", "good.txt", "--as", "held-out"), "comes with the world"),
        (("show", "good.txt", "-o", "x.jpg"), "cannot write x.jpg"),
        (("show", "two.txt"), "holds 2 mazes"),
        (("show", "good.txt", "-o", "x.gif", "--student", "nobody"), "neither 'walker' nor a file"),
    ],
)
def test_bad_input_is_one_line_and_code_2(wunder, tmp_path: Path, words: tuple[str, ...], complaint: str) -> None:
    (tmp_path / "bad.txt").write_text(">xG", "utf-8")
    (tmp_path / "good.txt").write_text(">.G", "utf-8")
    (tmp_path / "two.txt").write_text("[A]\n>G\n[B]\n>G", "utf-8")
    refused = wunder("worlds", *words)
    assert refused.code == 2
    assert complaint in refused.err
    assert refused.err.count("\n") == 1
