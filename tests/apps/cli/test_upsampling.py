"""`wunder upsample`: what is refused before anything is begun, and a file that became a larger one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from wunderkammer.apps.cli.upsampling import how
from wunderkammer.apps.studies import synther_upsampling
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.synther.settings import Upsampling
from wunderkammer.domains.synther.upsampling import upsampling_job
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.learners import experience
from wunderkammer.learners.experience import Transitions

TINY = Upsampling(made=30, width=8, layers=1, steps=20, batch=16, heun=3, held=0.2, seed=2)


@pytest.fixture
def replay(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    columns = (rng.normal(size=shape).astype(np.float32) for shape in ((50, 3), (50, 1), 50, (50, 3)))
    experience.write(Transitions(*columns, np.zeros(50, np.float32)), tmp_path / "replay.npz")
    return tmp_path / "replay.npz"


def desk(replay: Path, home: Path, settings: Upsampling = TINY) -> Desk:
    job = upsampling_job(replay, settings)
    home.mkdir()
    return Desk(job.id, {**job.args, **job.places}, job.seed, {}, {}, home, home / "checkpoint", home / "progress")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.npz", "out.npz"], "no such file"),
        ([".", "out.npz"], "no Minari data set"),
        (["words.csv", "out.npz"], "a replay ends in .npz"),
        (["replay.npz", "replay.npz"], "is there already"),
        (["replay.npz", "out.parquet"], "end in .npz, .hdf5"),
        (["replay.npz", "no/out.npz"], "no such folder"),
        (["replay.npz", "out.npz", "--rows", "0"], "made"),
        (["replay.npz", "out.npz", "--given", "with=3"], "with"),
        (["replay.npz", "out.npz", "--world", "moon"], "world"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(wunder, replay, tmp_path, monkeypatch, arguments, words) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.csv").write_text("words")
    ended = wunder("upsample", *arguments)
    assert ended.code == 2
    assert words in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_a_preset_says_how_rows_are_made_and_nothing_else() -> None:
    made = how("cpu", {"made": 7, "heun": 16})
    assert (made.width, made.steps, made.heun, made.made) == (256, 10_000, 16, 7)
    assert how("gpu", {}).width == 2048


def test_a_file_is_known_by_its_content(replay, tmp_path) -> None:
    other = tmp_path / "other.npz"
    other.write_bytes(replay.read_bytes())
    assert upsampling_job(other, TINY).id == upsampling_job(replay, TINY).id
    other.write_bytes(replay.read_bytes() + b"x")
    assert upsampling_job(other, TINY).id != upsampling_job(replay, TINY).id


def test_more_rows_are_made_and_judged(replay, tmp_path) -> None:
    found = synther_upsampling.main(desk(replay, tmp_path / "home"))
    made = experience.read(tmp_path / "home/made.npz")
    assert (found["made"], made.steps, found["learned"]) == (30, 30, 40)
    assert {"marginal", "correlation", "novelty", "copies"} <= set(found)
    assert "dynamics" not in found, "nobody knows the true world"
    assert "<svg" in (tmp_path / "home/clouds.svg").read_text()
    in_a_world = synther_upsampling.main(
        desk(replay, tmp_path / "pendulum", TINY.model_copy(update={"world": "pendulum"}))
    )
    assert in_a_world["dynamics"] > 0
    json.dumps(in_a_world)


def test_a_file_that_changed_and_rows_of_another_world_are_refused(replay, tmp_path) -> None:
    ready = desk(replay, tmp_path / "home")
    columns = experience.read(replay)
    experience.write(columns._replace(action=np.zeros((50, 4), np.float32)), replay)
    with pytest.raises(Unable, match="is another file than this job was submitted for"):
        synther_upsampling.main(ready)
    with pytest.raises(Unable, match="pendulum has 3 numbers to see and 1 to do; these rows have 3 and 4"):
        synther_upsampling.main(desk(replay, tmp_path / "other", TINY.model_copy(update={"world": "pendulum"})))
    with pytest.raises(ConfigError, match="held"):
        how("cpu", {"held": 1})
