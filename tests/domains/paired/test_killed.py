"""A training that is ended by SIGKILL, as the kernel does it, and gone on with by another process."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.domains.paired.training import train

TINY = TrainingSettings(
    method="paired-stable", size=5, walls=6, horizon=12, memory="gru", width=8, filters=2, envs=8, steps=8, epochs=1,
    rate=1e-3, updates=400, report=2, test=20, held_out="perfect", tests=4, episodes=1, breadth=8, noise=4,
)  # fmt: skip
PROGRAM = """
import itertools, sys
from pathlib import Path
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.domains.paired.training import train

settings, checkpoint = TrainingSettings.model_validate_json(sys.argv[1]), Path(sys.argv[2])
tell = lambda step, of=None, words="", **figures: print(step, flush=True)
train(settings, checkpoint, checkpoint.parent, tell, itertools.count(0.0, 60.0).__next__)
"""
"""Every call of the program is followed by a checkpoint: a minute passes between any two looks at its clock."""


@pytest.mark.slow
@pytest.mark.parametrize("at", [2, 20, 200])
def test_killed_wherever_it_is_and_resumed_it_ends_with_the_same_weights(tmp_path: Path, at: int) -> None:
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    clock = itertools.count(0.0, 60.0).__next__
    wanted = train(TINY, tmp_path / "a", tmp_path / "whole", lambda *_, **__: None, clock)
    command = [sys.executable, "-c", PROGRAM, TINY.model_dump_json(), str(tmp_path / "b")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        reached = next(step for step in map(int, child.stdout) if step >= at)
        child.kill()  # while it saves, or works on what follows
    assert child.returncode == -9
    assert reached < TINY.updates
    told: list[int] = []
    found = train(TINY, tmp_path / "b", tmp_path / "parts", lambda step, *_, **__: told.append(step), clock)
    assert told[1] > 2 or reached == 2, "it began where it was killed, not from nothing"
    assert (tmp_path / "parts/student.safetensors").read_bytes() == (
        tmp_path / "whole/student.safetensors"
    ).read_bytes()
    times = {"seconds", "speed"}
    assert {k: v for k, v in found.items() if k not in times} == {k: v for k, v in wanted.items() if k not in times}
