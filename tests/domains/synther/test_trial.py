"""A whole trial, very small: data, rows made of them, policies; and all of it again after a kill."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from wunderkammer.apps.studies import synther_collecting, synther_living, synther_making, synther_practising
from wunderkammer.core.contract import Candidate
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.synther import making
from wunderkammer.domains.synther.examining import normalised
from wunderkammer.domains.synther.settings import SyntherSettings
from wunderkammer.domains.synther.study import COLLECT, LIVE, MAKE, PRACTISE, SyntherStudy
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.learners import conduct, experience
from wunderkammer.worlds.pendulum.world import Pendulum

PARTS = {COLLECT: synther_collecting, MAKE: synther_making, PRACTISE: synther_practising, LIVE: synther_living}
TINY = {
    "seed": 5, "collected": 300, "explored": 250, "collector": 8, "share": 0.2, "made": 120, "width": 16, "layers": 1,
    "steps": 40, "batch": 32, "heun": 4, "hidden": 8, "updates": 40, "lessons": 16, "starts": 4,
    "lifetime": 60, "dawn": 20, "renewed": 20, "ratio": 2,
}  # fmt: skip


class Killed(Exception):
    pass


def trial(home: Path, diet: str, killed_after: int = 0, **settings) -> dict:
    """All jobs of a trial, one after the other, and what the last found. killed_after: lines of progress of each job's
    first attempt."""
    genome = SyntherSettings(**TINY | settings | {"diet": diet})
    study = SyntherStudy()
    found: dict = {}
    for job in study.jobs(Candidate(domain=study.name, genome=genome)):
        folder = home / "jobs" / job.id
        if (folder / "out" / "result.json").exists():
            continue
        (folder / "out").mkdir(parents=True)
        after = {one: home / "jobs" / one / "out" for one in job.after}
        desk = Desk(job.id, job.args, job.seed, {}, after, folder / "out", folder / "checkpoint", folder / "progress")
        if killed_after:
            with pytest.raises(Killed):
                PARTS[job.module].main(Dying(*vars(desk).values(), lines=killed_after))
        found = PARTS[job.module].main(desk)
        (folder / "out" / "result.json").write_text(json.dumps(found))
    return found


class Dying(Desk):
    """A desk whose job is killed while it works."""

    def __init__(self, *fields, lines: int) -> None:
        super().__init__(*fields)
        object.__setattr__(self, "lines", lines)

    def tell(self, step, of=None, words="", **figures) -> None:
        object.__setattr__(self, "lines", self.lines - 1)
        if self.lines < 0:
            raise Killed


def the(home: Path, name: str) -> Path:
    (file,) = home.glob(f"jobs/*/out/{name}")
    return file


def test_a_trial_from_data_to_policy(tmp_path) -> None:
    found = trial(tmp_path, "synther")
    full, made = experience.read(the(tmp_path, "replay.npz")), experience.read(the(tmp_path, "made.npz"))
    assert (full.steps, made.steps, found["rows"]) == (300, 120, 60 + 120)
    np.testing.assert_allclose(full.after[:199], full.observation[1:200], atol=1e-6)
    assert np.abs(made.action).max() <= 1
    assert found["normalised"] == pytest.approx(normalised(Pendulum(), found["returned"]))
    assert "<svg" in the(tmp_path, "clouds.svg").read_text()
    assert the(tmp_path, "generator.safetensors").is_file()
    assert the(tmp_path, "policy.safetensors").is_file()
    told = [json.loads(line) for line in next(tmp_path.glob("jobs/*/progress")).read_text().splitlines()]
    assert told[-1]["step"] == told[-1]["of"]
    made_of = json.loads((the(tmp_path, "made.npz").parent / "result.json").read_text())
    assert {"marginal", "correlation", "dynamics", "noise_dynamics", "novelty", "copies"} <= set(made_of)
    assert trial(tmp_path, "subset")["rows"] == 60
    assert trial(tmp_path, "noise")["rows"] == 60 + 120
    assert trial(tmp_path, "synthetic", learner="iql")["rows"] == 120
    assert trial(tmp_path, "full", learner="iql")["rows"] == 300


def test_killed_and_begun_again_it_ends_the_same(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(conduct, "SAVED_EVERY_S", 0.0)
    monkeypatch.setattr(conduct, "BLOCKS", 4)
    whole = trial(tmp_path / "whole", "synther")
    killed = trial(tmp_path / "killed", "synther", killed_after=2)
    assert killed == whole
    for name in ("replay.npz", "made.npz"):
        one, other = (experience.read(the(tmp_path / home, name)) for home in ("whole", "killed"))
        assert all(np.array_equal(left, right) for left, right in zip(one, other, strict=True))


def test_a_life_with_made_experience_is_another_and_after_a_kill_the_same(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(conduct, "SAVED_EVERY_S", 0.0)
    alone, dreaming = (trial(tmp_path / diet, diet) for diet in ("lived", "lived-synther"))
    curves = {home: json.loads(the(tmp_path / home, "curve.json").read_text()) for home in ("lived", "lived-synther")}
    assert [row["turn"] for row in curves["lived"]] == [20, 40, 60]
    assert curves["lived"][0] == curves["lived-synther"][0], "at dawn there is nothing to make rows of"
    assert curves["lived"][2] != curves["lived-synther"][2]
    assert alone["early"] == pytest.approx(np.mean([row["normalised"] for row in curves["lived"]]))
    assert trial(tmp_path / "killed", "lived-synther", killed_after=2) == dreaming


def test_many_rows_are_learned_in_larger_steps() -> None:
    sizes = [making.generator(SyntherSettings(**settings), rows, 9).batch for settings, rows in (
        ({}, 799_999), ({}, 800_000), ({"batch": 64}, 800_000)
    )]  # fmt: skip
    assert sizes == [256, 1024, 64]


def test_without_rows_there_is_one_line(tmp_path) -> None:
    desk = Desk("job", {"diet": "synther"}, 0, {}, {}, tmp_path, tmp_path / "a/b/c", tmp_path / "progress")
    for part, name in ((synther_practising, "made.npz"), (synther_making, "replay.npz")):
        with pytest.raises(Unable, match=f"no job before this one left {name}"):
            part.main(desk)
    with pytest.raises(Unable, match="share"):
        synther_collecting.main(
            Desk("job", {"share": 7}, 0, {}, {}, tmp_path, tmp_path / "a/b/c", tmp_path / "progress")
        )


def test_checkpoints_of_other_settings_are_refused(tmp_path) -> None:
    def run(preset: str) -> None:
        conduct.conduct(
            tmp_path, preset, lambda: {"at": np.zeros(2)}, lambda at, turn, turns: (at, {}), 3, lambda *_, **__: None,
            time.monotonic,
        )  # fmt: skip

    run("one")
    with pytest.raises(ConfigError, match="is of preset one"):
        run("other")
