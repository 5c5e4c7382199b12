"""`wunder vlm`: frames are scored and rewards measured by models of every kind; what is wrong is one line."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from wunderkammer.apps.cli.app import app
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.vlm_rewards import labels
from wunderkammer.learners.vlm.clip import Clip, make
from wunderkammer.learners.vlm.vocabulary import Vocabulary
from wunderkammer.models.rehearsal import Said, Script, rehearsal

WORDS = Vocabulary.of(["all is red", "all is blue"])
FRAMES = np.zeros((6, 16, 16, 3), np.uint8)
FRAMES[:3, ..., 0] = FRAMES[3:, ..., 2] = 250


@pytest.fixture
def model(tmp_path):
    Clip(make("xs", 16, 8, WORDS, 0), WORDS).write(tmp_path / "clip")
    return tmp_path / "clip"


@pytest.fixture
def table(tmp_path):
    goals = ["all is red", "all is blue"] * 3
    truths = np.array([(place < 3) == (place % 2 == 0) for place in range(6)])
    return labels.write(tmp_path / "frames", FRAMES, goals, truths)


def run(*args) -> str:
    found = CliRunner().invoke(app, ["vlm", *map(str, args)], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def test_frames_are_scored(model, table, tmp_path) -> None:
    frames = [table.parent / "00000.png", table.parent / "00005.png"]
    asked = ("--model", model, "--goal", "all is red", "--negative", "all is blue", "--home", tmp_path, "--json")
    rows = json.loads(run("score", *frames, *asked))
    assert [row["frame"] for row in rows] == list(map(str, frames))
    assert all(0 < row["p"] < 1 and row["reward"] == (row["p"] > 0.5) for row in rows)
    assert [row["reward"] for row in json.loads(run("score", *frames, *asked, "--beta", 0))] == [1, 1]
    assert "reward" in run("score", *frames, *asked[:-1])


def test_a_reward_is_measured_and_its_curves_are_drawn(model, table, tmp_path) -> None:
    ways = ("--template", "{}", "--template", "see: {}", "--tau", 0, "--tau", 0.5)
    rows = json.loads(
        run("measure", table, "--model", model, *ways, "--keep", tmp_path / "pr.svg", "--home", tmp_path, "--json")
    )
    assert [row["average_precision"] for row in rows] == sorted(
        (row["average_precision"] for row in rows), reverse=True
    )
    assert {(row["template"], row["tau"]) for row in rows} == {("{}", 0), ("{}", 0.5), ("see: {}", 0), ("see: {}", 0.5)}
    assert (tmp_path / "pr.svg").read_text().count("<polyline") == 8


def test_rooms_are_labelled_frames(tmp_path) -> None:
    run("rooms", tmp_path / "rooms", "--count", 6)
    frames, _, truths = labels.read(tmp_path / "rooms")
    assert frames.shape == (6, 48, 48, 3)
    assert truths.sum() == 3
    with pytest.raises(ConfigError, match="there already"):
        run("rooms", tmp_path / "rooms")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--model", "nowhere", "--goal", "x", "--negative", "y"), "nowhere: no such folder"),
        (("--model", "CLIP", "--goal", "x"), "at least one --negative"),
        (("--model", "CLIP", "--goal", "x", "--negative", "y", "--template", "z"), "must hold {}"),
    ],
)
def test_what_is_wrong_is_said(args, said, model, table, tmp_path) -> None:
    with pytest.raises(ConfigError, match=said):
        run("score", table.parent / "00000.png", "--home", tmp_path, *(model if one == "CLIP" else one for one in args))


async def test_a_chat_model_is_asked(table, tmp_path) -> None:

    def half(ask, rng) -> Said:
        assert len(ask.pictures) == 1
        return Said("Yes", 0.75, "No")

    async with rehearsal(Script(player=half)) as server:
        address = f"{server.url}#rehearsal"
        asked = ("--model", address, "--goal", "all is red", "--home", tmp_path, "--json")
        rows = json.loads(await asyncio.to_thread(run, "score", table.parent / "00000.png", *asked))
        assert (rows[0]["p"], rows[0]["reward"]) == (pytest.approx(0.75, abs=1e-3), 1)
        assert len(json.loads(await asyncio.to_thread(run, "measure", table, *asked[:2], *asked[4:]))) == 1
