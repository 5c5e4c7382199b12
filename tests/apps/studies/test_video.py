"""The jobs of video models from end to end, as small as they can be: each leaves what the study reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from wunderkammer.apps.studies import (
    video_acting,
    video_cloning,
    video_computing,
    video_learning,
    video_planning,
    video_simulating,
)
from wunderkammer.core.contract import Candidate
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.domains.video_decisions.study import VideoStudy
from wunderkammer.jobs.desk import Desk, Unable

MODULES = {
    module.__name__: module
    for module in (
        video_acting, video_cloning, video_computing, video_learning, video_planning, video_simulating,
    )
}  # fmt: skip
STUDY = VideoStudy()
TINY = {
    "width": 16, "layers": 1, "steps": 4, "batch": 8, "reader_steps": 2, "exams": 4, "room": 4, "demonstrations": 12,
    "plays": 4, "updates": 2, "together": 2, "stride": 4, "side": 5, "chains": 8,
}  # fmt: skip


def carried_out(home: Path, **settings):
    """All jobs of a trial, one after the other; its outcome."""
    torch.set_num_threads(1)
    one = Candidate(domain=STUDY.name, genome=VideoSettings(**TINY, **settings))
    folders: dict[str, str] = {}
    for job in STUDY.jobs(one):
        out = home / "jobs" / job.id
        out.mkdir(parents=True, exist_ok=True)
        after = {name: Path(folder) for name, folder in folders.items()}
        found = MODULES[job.module].main(Desk(job.id, job.args, job.seed, {}, after, out, out / "ck", out / "progress"))
        (out / "result.json").write_text(json.dumps(found))
        folders[job.id] = str(out)
    return STUDY.read(one, folders), folders


@pytest.mark.parametrize("way", ["chain", "once"])
def test_computations(tmp_path: Path, way) -> None:
    outcome, folders = carried_out(tmp_path, role="compute", way=way)
    assert {"exact", "mazes", "larger_way", "otherwise_flood"} <= set(outcome.measures)
    assert (Path(list(folders.values())[-1]) / "chains.png").read_bytes().startswith(b"\x89PNG")
    again, _ = carried_out(tmp_path / "again", role="compute", way=way)
    drop = {"video_seconds"}
    assert {k: v for k, v in again.measures.items() if k not in drop} == {
        k: v for k, v in outcome.measures.items() if k not in drop
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "measures"),
    [
        ({"role": "act"}, {"prompted", "prompted_held", "prompted_otherwise", "told"}),
        ({"role": "plan", "learner": "cloning"}, {"success_held", "success", "otherwise", "expert"}),
        ({"role": "simulate"}, {"success", "success_there", "untrained", "right_after_24", "hallucinated"}),
        ({"role": "simulate", "place": "outside"}, {"success", "success_there", "untrained"}),
    ],
)
def test_roles_in_the_room_of_toys(tmp_path: Path, settings, measures) -> None:
    outcome, _ = carried_out(tmp_path, **settings)
    assert measures <= set(outcome.measures)
    assert all(0 <= outcome.measures[name] <= 1 for name in measures)


def test_what_is_asked_of_no_model_is_refused_in_one_line(tmp_path: Path) -> None:
    desk = Desk("x", {"role": "compute"}, 0, {}, {}, tmp_path, tmp_path / "ck", tmp_path / "progress")
    with pytest.raises(Unable, match="no job before this one left a video model"):
        video_computing.main(desk)
    wrong = Desk("x", {"role": "compute", "side": 6}, 0, {}, {}, tmp_path, tmp_path / "ck", tmp_path / "progress")
    with pytest.raises(Unable, match="6 is even"):
        video_learning.main(wrong)
