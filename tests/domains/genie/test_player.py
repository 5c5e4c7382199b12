"""A learned world as a game."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
imageio = pytest.importorskip("imageio.v3")

from PIL import Image  # noqa: E402

from wunderkammer.core.errors import ConfigError  # noqa: E402
from wunderkammer.core.work import Job  # noqa: E402
from wunderkammer.domains.genie import prompts  # noqa: E402
from wunderkammer.domains.genie.player import WorldPlayer  # noqa: E402
from wunderkammer.domains.genie.study import MODULE, GenieStudy  # noqa: E402
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


@pytest.fixture
def player(world) -> WorldPlayer:
    return WorldPlayer(world)


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_it_is_played_taken_back_and_saved(player):
    began = player.start(None, 1)
    frames = [player.step(action).frame for action in (0, 3, 3)]

    assert player.rules.examples == 3
    assert pixels(began.frame).shape == (SIDE, SIDE, 3)
    assert player.undo().frame == frames[1]
    assert player.step(3).frame == frames[2]  # the same way is the same world
    clip = imageio.imread(player.save().data, extension=".gif")
    assert clip.shape == (4, 256, 256, 3)


def test_it_begins_from_any_picture(player):
    wide = np.random.default_rng(1).integers(0, 256, (40, 90, 3), np.uint8)
    scene = player.start(bytes(imageio.imwrite("<bytes>", wide, extension=".png")), 0)

    assert scene.steps == 0
    assert pixels(scene.frame).shape == (SIDE, SIDE, 3)


def test_nothing_is_played_before_the_beginning(player):
    with pytest.raises(ConfigError, match="nothing has begun"):
        player.step(0)
    with pytest.raises(ConfigError, match="give a picture"):
        player.start(None, 3)


def test_a_finished_training_is_a_game(world):
    made = GenieStudy().cartridge(Job(module=MODULE, title="genie on coinrun"), world.parent)

    assert made is not None
    assert made.title == "genie on coinrun"
    assert GenieStudy().cartridge(Job(module="other"), world.parent) is None
    assert GenieStudy().cartridge(Job(module=MODULE), world) is None
