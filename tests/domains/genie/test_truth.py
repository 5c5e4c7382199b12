"""The true game beside a learned one: latent actions are translated, and both go the same way."""

from __future__ import annotations

import io

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("imageio")

from PIL import Image  # noqa: E402

from wunderkammer.core.errors import ConfigError  # noqa: E402
from wunderkammer.domains.genie import origin, prompts  # noqa: E402
from wunderkammer.domains.genie.player import WorldPlayer  # noqa: E402
from wunderkammer.domains.genie.truth import Beside, TrueGame, translation, unseen_levels  # noqa: E402
from wunderkammer.learners.video.settings import WorldSettings  # noqa: E402
from wunderkammer.learners.video.world_model import WorldModel  # noqa: E402
from wunderkammer.worlds.film.film import Film  # noqa: E402
from wunderkammer.worlds.film.grid import HORIZON  # noqa: E402
from wunderkammer.worlds.film.recording import GameFilm  # noqa: E402
from wunderkammer.worlds.film.shards import MANIFEST, Manifest, split_of  # noqa: E402

SIDE = 16
GRID = GameFilm("grid", 0, SIDE)
NAMES = {5: 0, 2: 1, 7: 2, 0: 3}
"""True actions by the latent ones of `Seer`."""


class Seer:
    """A world whose latent actions are where the agent went, by another name."""

    actions = 8
    device = torch.device("cpu")

    def infer(self, frames):
        red = (frames[:, :, ::2, ::2].float() - torch.tensor([196.0, 60, 48])).abs().sum(-1) < 1
        went = torch.diff(red.flatten(2).int().argmax(-1), dim=1)
        return went.apply_(lambda step: {1: 5, 8: 2, -1: 7, -8: 0}.get(step, 3))


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.fixture
def world(tmp_path):
    folder = tmp_path / "grid" / "world"
    torch.manual_seed(0)
    WorldModel(WorldSettings(side=SIDE, width=16, heads=2, layers=1, frames=4, codes=16, maskgit_steps=1)).save(folder)
    prompts.write(folder, np.zeros((2, SIDE, SIDE, 3), np.uint8))
    return folder


def test_a_few_labelled_frames_translate_latent_actions() -> None:
    found = translation(Seer(), GRID)

    assert {code: int(found.table[code]) for code in NAMES} == NAMES
    assert found.right > 0.7 > found.most  # a step into a wall looks the same whatever it was
    assert "6 right" in found.words("grid")


def test_levels_to_begin_from_were_never_learned_from() -> None:
    assert {split_of(level) for level in unseen_levels()} == {"test"}


def test_the_same_way_is_the_same_however_often_it_is_taken_back() -> None:
    game = TrueGame(GRID, np.arange(4), unseen_levels(1)[0])
    rng = np.random.default_rng(0)
    seen = [game.frame]
    for action in rng.integers(4, size=8):
        game.step(int(action))
        seen.append(game.frame)
    for at in (7, 6, 5):
        np.testing.assert_array_equal(game.undo(), seen[at])
    again = TrueGame(GRID, np.arange(4), unseen_levels(1)[0])
    for action in np.random.default_rng(0).integers(4, size=8)[:5]:
        again.step(int(action))

    for action in (0, 1, 2, 3):
        np.testing.assert_array_equal(game.step(action), again.step(action))
    assert any(not np.array_equal(one, seen[0]) for one in seen)


def test_an_episode_ends_and_is_taken_up_again_by_taking_back() -> None:
    game = TrueGame(GRID, np.arange(4), unseen_levels(1)[0])
    for _ in range(HORIZON):
        last = game.frame
        game.step(3)

    assert game.frame is None
    assert game.step(0) is None
    assert game.undo() is None
    np.testing.assert_array_equal(game.undo(), last)
    assert game.step(3) is None


def test_where_a_world_was_learned_is_noted_beside_it(tmp_path) -> None:
    manifest = Manifest(source="grid", recipe="r", side=SIDE, fps=4.0, actions=4, shards=())
    (tmp_path / MANIFEST).write_text(manifest.model_dump_json(), "utf-8")
    assert origin.read(tmp_path) is None
    origin.write(tmp_path, Film(tmp_path))

    assert origin.read(tmp_path) == origin.Origin(source="grid", recipe="r")
    (tmp_path / origin.FILE).write_text("{}", "utf-8")
    with pytest.raises(ConfigError, match="not of this version"):
        origin.read(tmp_path)


def test_both_are_played_side_by_side(world) -> None:
    (world / origin.FILE).write_text('{"source": "grid", "recipe": "r"}', "utf-8")
    player = WorldPlayer(world)
    first = player.start(None, 0)
    frames = [player.step(action) for action in (0, 3, 5)]

    assert player.rules.examples == 8 + 2
    assert player.rules.truth.startswith("The true grid; ")
    np.testing.assert_array_equal(pixels(first.truth), pixels(player.example(0)))
    assert player.undo() == frames[1]
    assert player.save().data.startswith(b"GIF8")
    assert player.start(None, 9).truth is None


@pytest.mark.parametrize(
    ("noted", "said"),
    [("", "not known of which game"), ("holiday", "no game that could be played"), ("coinrun", "wunder setup procgen")],
)
def test_without_a_true_game_it_is_said_why(world, noted, said) -> None:
    if noted:
        (world / origin.FILE).write_text(f'{{"source": "{noted}", "recipe": "r"}}', "utf-8")
    player = WorldPlayer(world)

    assert said in player.rules.truth
    assert player.start(None, 0).truth is None


def test_a_game_that_was_named_must_be_there(world) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        WorldPlayer(world, "coinrun", {"procgen": world / "nowhere"})


def test_only_levels_that_there_are_are_begun() -> None:
    beside = Beside(Seer(), GRID)

    with pytest.raises(ConfigError, match="there is no level 8"):
        beside.begin(8)
    assert beside.look(0).shape == (SIDE, SIDE, 3)
