"""A learned world in the terminal: the game is a process of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
imageio = pytest.importorskip("imageio.v3")
pytest.importorskip("av")

from wunderkammer.domains.genie import prompts  # noqa: E402
from wunderkammer.learners.video.settings import WorldSettings  # noqa: E402
from wunderkammer.learners.video.world_model import WorldModel  # noqa: E402

SIDE = 16


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """Untrained: what it shows means nothing, and follows from the way all the same."""
    folder: Path = tmp_path_factory.mktemp("out") / "world"
    torch.manual_seed(0)
    WorldModel(WorldSettings(side=SIDE, width=16, heads=2, layers=1, frames=4, maskgit_steps=2)).save(folder)
    prompts.write(folder, np.random.default_rng(0).integers(0, 256, (3, SIDE, SIDE, 3), np.uint8))
    return folder


def test_the_command_plays_a_way_and_saves_it(wunder, world, tmp_path):
    played = wunder(
        "genie", "play", world, "--prompt", "2", "--actions", "118", "--out", tmp_path / "way.gif", "--home", tmp_path
    )

    assert played.code == 0, played.err
    assert "3 steps" in played.out
    assert played.out.count("▀") == SIDE * SIDE // 2
    assert imageio.imread(tmp_path / "way.gif").shape[0] == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--actions", "19"), "digits from 1 to 8"),
        (("--actions", "1", "--prompt", "none.png"), "No such file"),
        (("--actions", "1", "--prompt", "7"), "there is no frame 7"),
        ((), "no terminal"),
    ],
)
def test_what_cannot_be_played_is_one_line(wunder, world, tmp_path, words, said):
    played = wunder("genie", "play", world, *words, "--home", tmp_path)

    assert played.code == 2
    assert said in played.err
    assert played.err.count("\n") == 1
