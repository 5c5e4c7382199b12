"""A whole trial, very small: model, measurement, agent; and all of it again after a kill."""

from __future__ import annotations

import json
from pathlib import Path

import jax
import numpy as np
import pytest

from wunderkammer.apps.studies import vlm_looking, vlm_measuring, vlm_practising
from wunderkammer.core.contract import Candidate
from wunderkammer.domains.vlm_rewards import practising
from wunderkammer.domains.vlm_rewards.captions import rooms
from wunderkammer.domains.vlm_rewards.practising import apprenticeship, examine, many
from wunderkammer.domains.vlm_rewards.settings import VlmSettings
from wunderkammer.domains.vlm_rewards.study import LOOK, MEASURE, PRACTISE, VlmRewardsStudy
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.learners.vlm import contrast

PARTS = {LOOK: vlm_looking, MEASURE: vlm_measuring, PRACTISE: vlm_practising}
TINY = {
    "seed": 5, "size": "xs", "captions": 64, "steps": 12, "batch": 16, "labelled": 32, "rooms": 16, "games": 8,
    "updates": 4, "hidden": 8, "examined": 16, "horizon": 6,
}  # fmt: skip


class Killed(Exception):
    pass


class Dying(Desk):
    """A desk whose job is killed while it works."""

    def __init__(self, *fields, lines: int) -> None:
        super().__init__(*fields)
        object.__setattr__(self, "lines", lines)

    def tell(self, step, of=None, words="", **figures) -> None:
        object.__setattr__(self, "lines", self.lines - 1)
        if self.lines < 0:
            raise Killed


def trial(home: Path, killed_after: int = 0, **settings) -> dict:
    """All jobs of a trial, one after the other, and what they found. killed_after: lines of progress of the first
    attempts at learning."""
    study, found = VlmRewardsStudy(), dict[str, float]()
    for job in study.jobs(Candidate(domain=study.name, genome=VlmSettings(**TINY | settings))):
        folder = home / "jobs" / job.id
        if (folder / "out" / "result.json").exists():
            found |= json.loads((folder / "out" / "result.json").read_text())
            continue
        (folder / "out").mkdir(parents=True)
        after = {one: home / "jobs" / one / "out" for one in job.after}
        desk = Desk(job.id, job.args, job.seed, {}, after, folder / "out", folder / "checkpoint", folder / "progress")
        if killed_after and job.module != MEASURE:
            with pytest.raises(Killed):
                PARTS[job.module].main(Dying(*vars(desk).values(), lines=killed_after))
        told = PARTS[job.module].main(desk)
        (folder / "out" / "result.json").write_text(json.dumps(told))
        found |= told
    return found


def the(home: Path, name: str) -> Path:
    (file,) = home.glob(f"jobs/*/out/{name}")
    return file


def test_a_trial_from_captions_to_an_agent(tmp_path) -> None:
    found = trial(tmp_path)
    assert {"parameters", "average_precision", "beta", "success", "reached", "rewarded", "hacked"} <= set(found)
    assert found["success"] <= found["reached"]
    sweep = json.loads(the(tmp_path, "sweep.json").read_text())
    assert len(sweep) == 3 * 2 * 5
    assert sweep[0]["quality"] == max(one["quality"] for one in sweep)
    assert json.loads(the(tmp_path, "curves.json").read_text())["recall"][-1] == 1
    assert the(tmp_path, "clip").is_dir()
    assert the(tmp_path, "policy.safetensors").is_file()
    assert [row["turn"] for row in json.loads(the(tmp_path, "curve.json").read_text())] == [1, 2, 3, 4]
    shuffled = trial(tmp_path, reward="shuffled")
    assert shuffled["parameters"] == found["parameters"]
    assert "hacked" not in trial(tmp_path, reward="true")
    assert trial(tmp_path, beta=0.9)["beta"] == 0.9


def test_killed_and_begun_again_it_ends_the_same(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(practising, "SAVED_EVERY_S", 0.0)
    monkeypatch.setattr(contrast, "SAVED_EVERY_S", 0.0)
    for home in ("whole", "killed"):  # what is compiled is the same
        (tmp_path / home).mkdir()
        (tmp_path / home / "compiled").symlink_to(tmp_path)
    whole = trial(tmp_path / "whole")
    killed = trial(tmp_path / "killed", killed_after=2)
    assert killed == whole
    one, other = (the(tmp_path / home, "policy.safetensors").read_bytes() for home in ("whole", "killed"))
    assert one == other


def test_an_episode_that_the_model_ends_wrongly_is_no_success(tmp_path) -> None:
    """A model that says yes to everything ends each episode with its first step."""
    settings = VlmSettings(**TINY | {"examined": 200, "horizon": 24})
    levels = rooms(6, 3, 24, held=True)
    trained = apprenticeship(settings, levels.world, many(levels, jax.random.key(0), 200))
    params = trained.begin(jax.random.key(1)).learning.params

    def always(pictures, playing):
        return np.ones(len(pictures), bool), np.full(len(pictures), 0.7)

    found = examine(settings, trained, params, always, tmp_path)
    assert found["rewarded"] == 1
    assert found["success"] == pytest.approx(1 - found["hacked"])
    assert found["success"] < 0.1 < found["reached"]
    assert (tmp_path / "hacks.png").is_file()


def test_without_a_model_there_is_one_line(tmp_path) -> None:
    def desk(**args) -> Desk:
        return Desk("job", {**TINY, **args}, 0, {}, {}, tmp_path, tmp_path / "a/b/c", tmp_path / "progress")

    with pytest.raises(Unable, match="no job before this one left clip"):
        vlm_measuring.main(desk(seed=0))
    with pytest.raises(Unable, match="patch"):
        vlm_looking.main(desk(patch=7))
