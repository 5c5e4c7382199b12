"""Mazes drawn by a model: mended by stated rules, or refused with the reason."""

from __future__ import annotations

import pytest

from wunderkammer.domains.paired.maze_proposal import mended, wishes
from wunderkammer.worlds.maze import text

PARENT = text.read(">....\n.....\n..#..\n.....\n....G")


def drawn(reply: str) -> tuple[str | None, int]:
    found = mended(reply, PARENT)
    return found.plan and text.write(found.plan), found.faults


def test_a_whole_map_is_taken_as_it_is() -> None:
    new = ">.#..\n..#..\n..#..\n.....\n....G"
    assert drawn(f"Here you are:\n\n```text\n{new}\n```\nDone.") == (new, 0)
    assert drawn("\n".join(" ".join(row) for row in new.splitlines())) == (new, 0)


@pytest.mark.parametrize(
    ("reply", "map_", "faults"),
    [
        (">#...\n.....\n..#..\n.....\n....G\n", ">#...\n.....\n..#..\n.....\n....G", 0),
        (">#..\n.....\n..#..\n.....\n....G", ">#...\n.....\n..#..\n.....\n....G", 1),
        (">#....\n.....\n..#..\n.....\n....G", ">#...\n.....\n..#..\n.....\n....G", 1),
        (".#...\n.....\n..#..\n.....\n....G", None, 1),
        ("#....\n.....\n..#..\n.....\n.G...", ">....\n.....\n..#..\n.....\n.G...", 1),
        (">#...\n.....\n.>#..\n.....\n....G", ">#...\n.....\n..#..\n.....\n....G", 1),
        (">#...\n.....\n..#..\nG....\n....G", ">#...\n.....\n..#..\nG....\n.....", 1),
        (">#...\n.....\n..#..\n.....\n.....", ">#...\n.....\n..#..\n.....\n....G", 1),
    ],
)
def test_small_faults_are_mended(reply: str, map_: str | None, faults: int) -> None:
    expected = map_ or ">#...\n.....\n..#..\n.....\n....G"
    assert drawn(reply) == (expected, faults)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("I am sorry.", "no map"),
        (">.\n.G", "2 rows instead of 5"),
        (">.\n.....\n..#..\n.....\n....G", "a row of 2 columns instead of 5"),
        ("G....\n.....\n..#..\n.....\n.....", "agent and goal on one cell"),
        (">.#..\n.....\n..#..\n.....", "6 faults"),
        (text.write(PARENT), "nothing was changed"),
    ],
)
def test_what_is_no_maze_is_refused_with_the_reason(reply: str, reason: str) -> None:
    found = mended(reply, PARENT)
    assert found.plan is None
    assert reason in found.reason


def test_wishes_follow_from_the_aim() -> None:
    assert "add walls until 30%-40%" in str(wishes(PARENT, ("30%-40%", "5-8"), "")["wanted"])
    assert "remove walls" in str(wishes(text.read(">###G"), ("0%-10%", "1-4"), "")["wanted"])
    assert wishes(PARENT, None, "")["wanted"] == "change a few cells"
    assert wishes(text.read(">#G"), None, "")["path"] == "there is no way"
