"""`wunder video`: what is refused before anything is begun; a film of a plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from wunderkammer.apps.studies import video_filming, video_learning, video_planning
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.video_decisions.filming import room_of
from wunderkammer.domains.video_decisions.orders import filming_job, planned_by
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.jobs.desk import Desk
from wunderkammer.worlds.toys.words import read

TINY = VideoSettings(
    role="plan", width=16, layers=1, steps=4, batch=8, reader_steps=2, exams=4, room=4, demonstrations=12, plays=4
)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["the rad ball is beside the blue box"], "'rad' is no colour; there are: red"),
        (["do something"], "says nothing of toys"),
        (["the robot is at the red ball", "film.avi"], "ends in .gif or .png"),
        (["the robot is at the red ball", "here.gif"], "is there already"),
        (["the robot is at the red ball", "no/film.gif"], "no such folder"),
        (["the robot is at the red ball", "--preset", "toy"], "did you mean toys?"),
        (["the red ball is above the blue box"], "kinds reach, beside, not above"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(wunder, tmp_path: Path, monkeypatch, arguments, words) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.gif").write_bytes(b"")
    ended = wunder("video", "plan", *arguments)
    assert ended.code == 2
    assert words in ended.err
    assert len(ended.err.strip().splitlines()) == 1


def test_a_plan_becomes_a_film(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    jobs = planned_by(TINY)
    film = filming_job(jobs, "the red ball is beside the blue box", 1)
    folders: dict[str, Path] = {}
    for job, module in zip((*jobs, film), (video_learning, video_planning, video_filming), strict=True):
        out = tmp_path / "jobs" / job.id
        out.mkdir(parents=True)
        found = module.main(Desk(job.id, job.args, job.seed, {}, folders.copy(), out, out / "ck", out / "progress"))
        folders[job.id] = out
    assert set(found) == {"met", "steps", "impossible"}
    assert (folders[film.id] / "plan.gif").read_bytes().startswith(b"GIF8")
    assert (folders[film.id] / "plan.png").read_bytes().startswith(b"\x89PNG")
    assert (folders[jobs[1].id] / "plans.png").is_file()


def test_a_room_has_the_toys_that_a_sentence_names() -> None:
    from wunderkammer.domains.video_decisions.rooms import EMPTY, ROBOTS

    room = room_of(TINY, read("the red ball is beside the blue box"), 2)
    again = room_of(TINY, read("the red ball is beside the blue box"), 2)
    assert (room.first == again.first).all()
    assert (room.first // ROBOTS != EMPTY).sum() == 3
    assert {0 * 6 + 0, 1 * 6 + 2} <= set(np.unique(room.first // ROBOTS).tolist())
    with pytest.raises(ConfigError, match="not left"):
        room_of(TINY, read("the red ball is left of the blue box"), 0)
