"""A whole trial, very small: an optimiser, its examination, its comparison; and all of it again after a kill."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from wunderkammer.apps.studies import groove_comparing, groove_examining, groove_training
from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.core.errors import ConfigError, JobFailed
from wunderkammer.domains.groove.comparison import COMPARED, CURVES, LEARNERS, comparing_job
from wunderkammer.domains.groove.examination import read_settings
from wunderkammer.domains.groove.settings import CURVE, LEVELS, OPTIMISER, PICTURE, GrooveSettings
from wunderkammer.domains.groove.study import EXAMINE, TRAIN, GrooveStudy
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.worlds.grids import text

PARTS = {TRAIN: groove_training, EXAMINE: groove_examining}
TINY = {
    "side": 5, "walls": 4, "objects": 2, "shortest": 8, "longest": 12, "young": 4, "old": 8, "workers": 2, "steps": 4,
    "width": 4, "predictions": 3, "windows": 12, "lives": 4, "updates": 2, "capacity": 8, "pupils": 1, "schooling": 4,
}  # fmt: skip
STUDY = GrooveStudy()
MINE = "[Mine]\nhorizon 6\na 1.0 ends 1.0 returns 0.0\nA.a\n...\n"


class Killed(Exception):
    pass


class Dying(Desk):
    """A desk whose job is killed at its fourth word."""

    def tell(self, step, of=None, words="", **figures) -> None:
        if step >= 4:
            raise Killed


def candidate(**settings) -> Candidate[GrooveSettings]:
    return Candidate(domain=STUDY.name, genome=GrooveSettings(**TINY | {"seed": 3} | settings))


def desk(home: Path, job, kind: type[Desk] = Desk) -> Desk:
    folder = home / "jobs" / job.id
    (folder / "out").mkdir(parents=True, exist_ok=True)
    after = {one: home / "jobs" / one / "out" for one in job.after}
    args = {**job.args, **job.places}
    return kind(job.id, args, job.seed, {}, after, folder / "out", folder / "checkpoint", folder / "progress")


def trial(home: Path, **settings) -> tuple[dict, dict[str, str]]:
    """What the last job of a trial found, and where each left what it made."""
    one = candidate(**settings)
    found: dict = {}
    for job in STUDY.jobs(one):
        at = desk(home, job)
        found = PARTS[job.module].main(at)
        (at.out / "result.json").write_text(json.dumps(found))
    return found, {job.id: str(home / "jobs" / job.id / "out") for job in STUDY.jobs(one)}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, dict, dict[str, str]]:
    home = tmp_path_factory.mktemp("home")
    return home, *trial(home, score="regret")


def test_a_trial_from_lives_to_marks(made) -> None:
    home, found, artifacts = made
    one = candidate(score="regret")
    outcome = STUDY.read(one, artifacts)
    assert outcome.score == found["unseen"] <= 100
    assert {"sooner", "familiar", "life_return", "score in Maze"} <= {*outcome.measures}
    (training,) = home.glob(f"jobs/*/out/{OPTIMISER}")
    assert read_settings(training).score == "regret"
    assert {CURVE, LEVELS, PICTURE} <= {file.name for file in training.parent.iterdir()}
    for part in (training.parent / LEVELS).read_text().split("[")[1:]:
        text.read(part.partition("]")[2])
    shown = STUDY.pictures([Entry(candidate=one, outcome=outcome)], artifacts)
    assert [picture.media for picture in shown] == ["image/svg+xml", "image/svg+xml", "image/png"]
    unseen, worlds, chosen = STUDY.sections([Entry(candidate=one, outcome=outcome)])
    assert unseen.rows[0][:2] == ("regret", 1)
    assert len(worlds.rows) == 10
    assert chosen.rows[0][0] == "regret"


def test_a_killed_training_ends_with_the_same_optimiser(made, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("wunderkammer.learners.conduct.SAVED_EVERY_S", 0.0)
    training = STUDY.jobs(candidate(score="regret"))[0]
    with pytest.raises(Killed):
        groove_training.main(desk(tmp_path, training, Dying))
    again = desk(tmp_path, training)
    groove_training.main(again)
    told = [json.loads(line)["step"] for line in (again.out.parent / "progress").read_text().splitlines()]
    assert told[0] > 1, "it went on where it was"
    (whole,) = made[0].glob(f"jobs/*/out/{OPTIMISER}")
    assert (again.out / OPTIMISER).read_bytes() == whole.read_bytes()


def test_who_needs_no_optimiser_is_examined_alone(tmp_path) -> None:
    (job,) = STUDY.jobs(candidate(learner="a2c"))
    assert (job.module, "windows" in job.args) == (EXAMINE, False)
    found, _ = trial(tmp_path, learner="untrained")
    assert np.isfinite(found["unseen"])


def test_an_optimiser_stands_beside_others_in_worlds_of_ones_own(made, tmp_path) -> None:
    (optimiser,) = made[0].glob(f"jobs/*/out/{OPTIMISER}")
    worlds = tmp_path / "mine.txt"
    worlds.write_text(MINE)
    job = comparing_job(optimiser, worlds, 1, 3, "worlds")
    assert job.id == comparing_job(optimiser, worlds, 1, 3, "worlds").id
    at = desk(tmp_path, job)
    found = groove_comparing.main(at)
    scores = json.loads((at.out / COMPARED).read_text())
    assert list(scores) == list(LEARNERS) == list(found)
    assert {*scores["a2c"]} == {"Mine"}
    assert (at.out / CURVES).read_text().count("<polyline") == 3
    worlds.write_text(MINE.replace("6", "7"))
    with pytest.raises(Unable, match="another file"):
        groove_comparing.main(at)


def test_a_file_that_is_no_optimiser_is_refused(tmp_path) -> None:
    (tmp_path / "none.safetensors").write_bytes(b"nothing")
    with pytest.raises(ConfigError, match="holds no weights"):
        read_settings(tmp_path / "none.safetensors")


def test_what_a_job_promised_is_missed(made, tmp_path) -> None:
    one = candidate(score="regret")
    artifacts = {job.id: str(tmp_path) for job in STUDY.jobs(one)}
    (tmp_path / "result.json").write_text('{"sooner": 1}')
    with pytest.raises(JobFailed, match="lacks unseen"):
        STUDY.read(one, artifacts)


def test_trials_that_failed_are_in_no_table() -> None:
    failed = Entry(candidate=candidate(), outcome=Outcome(score=None, cell=None, error="killed"))
    assert STUDY.sections([failed]) == []
