"""A video model that is told in words what to show: the words decide, what is kept comes back, the same twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.video_decisions.schooling import school
from wunderkammer.learners.video.course import Schedule
from wunderkammer.learners.video.imagined import imagined
from wunderkammer.learners.video.narrated import Narrated, NarratedSettings, pages
from wunderkammer.learners.video.sampling import next_frame
from wunderkammer.learners.video.tiles import Tiles
from wunderkammer.learners.video.words import Words

TILES = Tiles(np.random.default_rng(0).integers(256, size=(4, 2, 2, 3), dtype=np.uint8))
WORDS = Words.of(["all turn", "none turns"])
SIZES = NarratedSettings(width=16, layers=1, heads=2, looks=0, most=3)


def model(seed: int = 0, settings: NarratedSettings = SIZES) -> Narrated:
    torch.manual_seed(seed)
    return Narrated(settings, TILES, WORDS).eval()


def batch(turn: int) -> torch.Tensor:
    """Frames whose tiles go on by one, or stay: the sentence alone says which."""
    dice = np.random.default_rng(turn)
    before = dice.integers(len(TILES), size=(16, 9))
    turns = dice.random(16) < 0.5
    after = np.where(turns[:, None], (before + 1) % len(TILES), before)
    said = WORDS.all(["all turn" if one else "none turns" for one in turns])
    return pages(said, np.stack([before, after], 1))


def learned(folder: Path, steps: int = 150, seed: int = 0) -> Narrated:
    part = model(seed)
    school(
        "video", part, part.lesson, batch, Schedule(150, 16, 1e-2, 10), 0, "preset", folder,
        stopped(steps), lambda: 0.0,
    )  # fmt: skip
    return part


class Killed(Exception):
    """What a test ends a training with."""


def stopped(at: int):
    def tell(step: int, of: int | None = None, words: str = "", **figures: float) -> None:
        if at < 150 and step >= at:
            raise Killed

    return tell


def test_what_is_told_decides_what_is_shown(tmp_path: Path) -> None:
    part = learned(tmp_path)
    before = torch.from_numpy(np.random.default_rng(99).integers(len(TILES), size=(32, 1, 9)))
    dice = torch.Generator().manual_seed(0)
    shown = {
        words: part.follow(part.told([words]).expand(32, -1), before, dice) for words in ("all turn", "none turns")
    }
    assert (shown["none turns"] == before[:, 0]).float().mean() > 0.95
    assert (shown["all turn"] == (before[:, 0] + 1) % len(TILES)).float().mean() > 0.95


def test_trainings_of_one_seed_are_alike_and_go_on_where_they_were_killed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("wunderkammer.domains.video_decisions.schooling.SAVED_EVERY_S", 0.0)
    whole = learned(tmp_path / "whole")
    with pytest.raises(Killed):
        learned(tmp_path / "killed", steps=75)
    resumed = learned(tmp_path / "killed", seed=1)
    for name, weight in whole.state_dict().items():
        assert torch.equal(weight, resumed.state_dict()[name]), name
    with pytest.raises(ConfigError, match="of preset preset, and this training is of preset other"):
        school("video", model(), model().lesson, batch, Schedule(150, 16, 1e-2, 10), 0, "other", tmp_path / "killed",
               stopped(150), lambda: 0.0)  # fmt: skip


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    one = model()
    one.save(tmp_path / "video", {"learned": "nothing"})
    again = Narrated.load(tmp_path / "video")
    assert again.words.known == WORDS.known
    assert (again.tiles.patches == TILES.patches).all()
    codes, said = torch.randint(4, (2, 9)), one.told(["all turn", "none turns"])
    with torch.inference_mode():
        assert torch.equal(one.read(said, codes), again.read(said, codes))
    with pytest.raises(ConfigError, match="holds no video model"):
        Narrated.load(tmp_path)


def test_strange_words_and_long_sentences_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"'turm' in 'all turm' is no word of this video model: did you mean turn"):
        model().told(["all turm"])
    with pytest.raises(ConfigError, match="has 3 words; this video model reads 2"):
        model().told(["all all turn"])
    with pytest.raises(ConfigError, match="frames of 5 x 5 cells; this video model was made for 3"):
        model().read(model().told(["all turn"]), torch.zeros(1, 25, dtype=torch.int64))


@pytest.mark.parametrize("looks", [0, 1, 2])
def test_a_frame_is_foreseen_as_it_was_learned(looks: int) -> None:
    """The scores of a wholly masked frame are the same in a lesson, all frames at once, and step by step."""
    one = model(settings=SIZES.model_copy(update={"looks": looks, "shown": 1}))
    codes = torch.randint(4, (2, 1 + max(1, looks), 9))
    said = one.told(["all turn", "none turns"])
    window = codes[:, 1 + max(1, looks) - looks :] if looks else codes[:, :0]
    with torch.inference_mode():
        whole = torch.cat([codes[:, :1], window], 1)
        masked = torch.full((2, 9), one.mask)
        pasts = one.prime(said[:, None].expand(-1, whole.shape[1], -1), whole)
        stepped = one.next_scores(masked, said, codes[:, -1], pasts)
        told = said[:, None].expand(-1, whole.shape[1] + 1, -1)
        tokens = one._tokens(told, torch.cat([whole, masked[:, None]], 1), codes[:, -1])
        at_once = one._scores(one.trunk(tokens)[:, -1, WORDS.length :])
    assert torch.allclose(stepped, at_once, atol=1e-5)


def test_the_jax_program_foresees_the_same() -> None:
    jnp = pytest.importorskip("jax.numpy")
    one = model(settings=SIZES.model_copy(update={"layers": 2, "most": 4}))
    program, weights = imagined(one)
    codes, said = torch.randint(4, (9,)), one.told(["all turn"])
    with torch.inference_mode():
        true = one.next_scores(torch.full((1, 9), one.mask), said, codes[None], ())[0].numpy()
    found = program.next_scores(weights, jnp.asarray(said[0].numpy()), jnp.asarray(codes.numpy()))
    assert np.allclose(found, true, atol=1e-4)
    with pytest.raises(ConfigError, match="looks back on whole frames"):
        imagined(model(settings=SIZES.model_copy(update={"looks": 1})))


class OneOfThree:
    """Foresees that a one is in one of three cells, in each as likely as in the next, and noughts elsewhere."""

    mask = 2

    def next_scores(self, codes, action, before, pasts):
        chance = torch.zeros(len(codes), codes.shape[1], 2)
        chance[..., 0] = 1.0
        for row, known in enumerate(codes):
            left = [cell for cell in range(3) if known[cell] == self.mask]
            if not (known == 1).any():
                for place, cell in enumerate(left):
                    chance[row, cell, 1] = (1 + place / 10) / (len(left) + 0.3)
                    chance[row, cell, 0] = 1 - chance[row, cell, 1]
        return chance.clamp(min=1e-6).log()


def test_what_must_be_somewhere_is_lost_when_all_cells_are_taken_together_and_not_when_one_by_one() -> None:
    blank, dice = torch.zeros(1, 9, dtype=torch.int64), torch.Generator()
    together = next_frame(OneOfThree(), blank, blank[0, :1], (), 1, 0.0, dice)
    singly = next_frame(OneOfThree(), blank, blank[0, :1], (), 3, 0.0, dice, singly=True)
    assert together.sum() == 0
    assert singly.sum() == 1
