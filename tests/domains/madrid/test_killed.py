"""The school and the fine-tuning, ended in the middle and gone on with: they leave what they would have left."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from random import Random

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors import safe_open

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.madrid.hardening import HardeningSettings, fine_tuned
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.school import train
from wunderkammer.domains.madrid.schooling import SchoolSettings
from wunderkammer.domains.madrid.search import Madrid
from wunderkammer.learners.compilation import keep_compiled
from wunderkammer.learners.team import Players
from wunderkammer.worlds.football import players as shelf
from wunderkammer.worlds.football.world import Football

SCHOOL = SchoolSettings(
    players=2, steps=4, hidden=(8,), matches=6, pool=8, lessons=4, lesson_parts=1, updates=120, minibatches=1, epochs=1,
    ranks=2, report=2, tests=2,
)  # fmt: skip
PROGRAM = """
import itertools, sys
from pathlib import Path
from wunderkammer.domains.madrid.school import train
from wunderkammer.domains.madrid.schooling import SchoolSettings
from wunderkammer.learners.compilation import keep_compiled

settings, checkpoint = SchoolSettings.model_validate_json(sys.argv[1]), Path(sys.argv[2])
keep_compiled(Path(sys.argv[3]))
tell = lambda step, of=None, words="", **figures: print(step, flush=True)
train(settings, checkpoint, checkpoint.parent, tell, itertools.count(0.0, 60.0).__next__)
"""
"""Every round is followed by a checkpoint: a minute passes between any two looks at its clock."""


def weights(folder: Path) -> dict[str, tuple[dict[str, str], dict[str, bytes]]]:
    """By file: notes and arrays. The bytes of a file tell nothing: safetensors writes its notes in any order."""
    found = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "numpy") as kept:
            arrays = {name: kept.get_tensor(name).tobytes() for name in kept.keys()}  # noqa: SIM118  (no mapping)
            found[file.name] = kept.metadata(), arrays
    return found


@pytest.fixture
def compiled(tmp_path: Path) -> Iterator[Path]:
    """One compilation serves all processes of a test."""
    before = jax.config.jax_compilation_cache_dir
    keep_compiled(tmp_path / "compiled")
    yield tmp_path / "compiled"
    jax.config.update("jax_compilation_cache_dir", before)


@pytest.mark.slow
def test_a_school_that_is_killed_and_resumed_leaves_the_same_weights(tmp_path: Path, compiled: Path) -> None:
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    clock = itertools.count(0.0, 1.0).__next__
    wanted = train(SCHOOL, tmp_path / "a", tmp_path / "whole", lambda *_, **__: None, clock)
    command = [sys.executable, "-c", PROGRAM, SCHOOL.model_dump_json(), str(tmp_path / "b"), str(compiled)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        reached = next(step for step in map(int, child.stdout) if step >= 8)  # self-play has begun
        child.kill()  # while it saves, or works on what follows
    assert child.returncode == -9
    assert reached < SCHOOL.lessons + SCHOOL.updates
    told: list[int] = []
    found = train(SCHOOL, tmp_path / "b", tmp_path / "parts", lambda step, *_, **__: told.append(step), clock)
    assert told[0] >= reached, "it began where it was killed, not from nothing"
    assert found == wanted
    assert list(weights(tmp_path / "whole")) == ["2v2-1.safetensors", "2v2-2.safetensors", "2v2-clone.safetensors"]
    assert weights(tmp_path / "parts") == weights(tmp_path / "whole")
    assert (tmp_path / "parts/curve.json").read_bytes() == (tmp_path / "whole/curve.json").read_bytes()
    with pytest.raises(ConfigError, match="is of preset"):
        train(SCHOOL.model_copy(update={"rate": 1.0}), tmp_path / "b", tmp_path, lambda *_, **__: None, clock)


class Killed(BaseException):
    """What nobody catches."""


def dies_after(looks: int) -> Callable[[], float]:
    """A clock in which a minute passes between two looks, and the last of which is the end."""

    def look(at: Iterator[int] = itertools.count()) -> float:
        number = next(at)
        if number == looks:
            raise Killed
        return 60.0 * number

    return look


@pytest.mark.slow
def test_a_fine_tuning_that_is_killed_and_resumed_leaves_the_same_weights(tmp_path: Path, compiled: Path) -> None:
    network = Players(Football.actions, (8,))
    actor = network.init(jax.random.key(0), jnp.zeros(Football(2).features))["actor"]
    file = tmp_path / "mine.safetensors"
    shelf.write(jax.tree.map(np.asarray, actor), file, {})
    domain = Madrid(MadridOptions(players=2, references=("bot-0.05", "bot-0.95")))
    levels = list(islice(domain.seeds(Random(4)), 6))
    settings = HardeningSettings(target=str(file), players=2, steps=4, updates=6, critic_first=1, matches=12)

    def tuned(folder: str, now: Callable[[], float]) -> list[dict[str, np.ndarray]]:
        return fine_tuned(settings, levels, tmp_path / folder, lambda *_, **__: None, now)

    wanted = tuned("a", itertools.count(0.0, 1.0).__next__)
    with pytest.raises(Killed):
        tuned("b", dies_after(6))  # looks: at the beginning, two for each update that is saved
    assert len([one for one in (tmp_path / "b").iterdir() if one.name.isdigit()]) == 2
    found = tuned("b", itertools.count(0.0, 1.0).__next__)
    for mine, theirs in zip(found, wanted, strict=True):
        for part in ("weights", "bias"):
            assert np.array_equal(mine[part], theirs[part])
    with pytest.raises(ConfigError, match="is of preset"):
        fine_tuned(settings, levels[1:], tmp_path / "b", lambda *_, **__: None, itertools.count().__next__)
