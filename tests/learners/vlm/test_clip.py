"""Our own CLIP: what it depends on, that it is kept whole, that it learns, and that a kill changes nothing."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from transformers import CLIPModel

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.video.course import Schedule
from wunderkammer.learners.video.keeping import Keeping
from wunderkammer.learners.vlm import contrast
from wunderkammer.learners.vlm.clip import AT_ONCE, SIZES, Clip, make
from wunderkammer.learners.vlm.memory import Remembering
from wunderkammer.learners.vlm.opening import opened
from wunderkammer.learners.vlm.vocabulary import BEGIN, END, PAD, UNKNOWN, Vocabulary

COLOURS = {"red": (200, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 200), "white": (255, 255, 255)}
WORDS = Vocabulary.of([f"a picture in {colour}" for colour in COLOURS])
RNG = np.random.default_rng(0)


def coloured(count: int) -> tuple[np.ndarray, list[int]]:
    """Frames of one colour with some noise, and which."""
    which = RNG.integers(4, size=count)
    frames = np.array(list(COLOURS.values()))[which][:, None, None].repeat(16, 1).repeat(16, 2)
    return np.clip(frames + RNG.integers(-20, 20, frames.shape), 0, 255).astype(np.uint8), which.tolist()


def data(count: int) -> contrast.Captioned:
    frames, which = coloured(count)
    tokens = WORDS.tokens([f"a picture in {colour}" for colour in COLOURS])
    return contrast.Captioned(torch.from_numpy(frames), torch.tensor(which), torch.from_numpy(tokens), torch.arange(4))


def test_words_are_numbers_and_the_end_is_where_a_sentence_ends() -> None:
    tokens = WORDS.tokens(["In blue", "a picture in red and some more"])
    assert tokens.shape == (2, 6)
    assert tokens[0].tolist()[0] == BEGIN
    assert tokens[0].tolist()[3:] == [END, PAD, PAD]
    assert tokens[1].tolist()[-1] == END
    assert WORDS.tokens(["sky"])[0].tolist()[1] == UNKNOWN
    assert len(WORDS) == 4 + 7


def test_every_word_of_a_sentence_counts() -> None:
    """What is read ends at the end's token, not at the word with the largest number."""
    clip = Clip(make("s", 16, 8, WORDS, 0), WORDS)
    one, other, same = clip.sentences(["white in a red", "white in a blue", "White in a red"])
    assert np.array_equal(one, same)
    assert np.abs(one - other).max() > 1e-4


def test_larger_sizes_are_larger_and_vectors_have_length_one() -> None:
    models = [Clip(make(size, 16, 8, WORDS, 0), WORDS) for size in SIZES]
    assert len(models) >= 4
    assert [model.parameters for model in models] == sorted({model.parameters for model in models})
    assert np.linalg.norm(models[0].pictures(coloured(3)[0]), axis=1) == pytest.approx(1, abs=1e-5)


def test_a_vector_depends_on_its_frame_alone_to_the_last_bit() -> None:
    clip = Clip(make("m", 16, 8, WORDS, 0), WORDS)
    frames, _ = coloured(2 * AT_ONCE + 7)
    whole = clip.pictures(frames)
    for row in (0, 5, AT_ONCE, len(frames) - 1):
        assert np.array_equal(clip.pictures(frames[row : row + 1])[0], whole[row])


def test_what_is_remembered_is_what_would_be_found_anew() -> None:
    clip = Clip(make("m", 16, 8, WORDS, 0), WORDS)
    frames, _ = coloured(90)
    remembering = Remembering(clip)
    for rows in (RNG.integers(90, size=40) for _ in range(12)):
        assert np.array_equal(remembering.pictures(frames[rows]), clip.pictures(frames[rows]))
    assert remembering.asked == 480
    assert remembering.looked <= 90
    few = Remembering(clip, most=10)
    for start in (0, 6, 0):
        assert np.array_equal(few.pictures(frames[start : start + 6]), clip.pictures(frames[start : start + 6]))
    assert few.looked == 18


def test_a_model_is_kept_as_transformers_keeps_it(tmp_path) -> None:
    clip = Clip(make("s", 16, 8, WORDS, 1), WORDS)
    clip.write(tmp_path / "clip")
    again, frames = opened(str(tmp_path / "clip")), coloured(4)[0]
    np.testing.assert_allclose(again.pictures(frames), clip.pictures(frames), atol=1e-6)
    np.testing.assert_allclose(again.sentences(["in red"]), clip.sentences(["in red"]), atol=1e-6)
    theirs = CLIPModel.from_pretrained(tmp_path / "clip")
    assert float(theirs.logit_scale.detach()) == pytest.approx(-np.log(clip.tau), rel=1e-5)
    (tmp_path / "clip" / "vocabulary.json").write_text("[]")
    with pytest.raises(ConfigError, match="no vocabulary"):
        opened(str(tmp_path / "clip"))
    with pytest.raises(ConfigError, match="16 x 16 pixels"):
        clip.pictures(np.zeros((1, 8, 8, 3), np.uint8))


class Killed(Exception):
    pass


def trained(folder, killed_at: int = 0) -> Clip:
    torch.manual_seed(9)
    rows, model = DATA, make("s", 16, 8, WORDS, 1)

    def tell(step, of=None, words="", **figures) -> None:
        if step == killed_at:
            raise Killed

    contrast.train(model, rows, Schedule(60, 32, 3e-3, 5), 0, Keeping(folder, "x"), tell, time.monotonic)
    return Clip(model, WORDS)


DATA = data(256)


def test_it_learns_which_sentence_goes_with_which_frame(tmp_path) -> None:
    clip = trained(tmp_path)
    frames, which = coloured(100)
    near = clip.pictures(frames) @ clip.sentences([f"a picture in {colour}" for colour in COLOURS]).T
    assert (near.argmax(1) == which).mean() > 0.95


def test_killed_and_begun_again_it_ends_the_same(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(contrast, "SAVED_EVERY_S", 0.0)
    whole = trained(tmp_path / "whole")
    with pytest.raises(Killed):
        trained(tmp_path / "killed", killed_at=30)
    again = trained(tmp_path / "killed")
    for one, other in zip(whole.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_equal_sentences_are_all_right() -> None:
    vectors, scale = torch.eye(2), torch.tensor(5.0)
    both = contrast.loss(vectors[[0, 0]], vectors[[0]], scale, torch.tensor([7, 7]), torch.tensor([7]))
    wrong = contrast.loss(vectors, vectors.flip(0), scale, torch.tensor([0, 1]), torch.tensor([0, 1]))
    assert float(both) == pytest.approx(np.log(2) / 2)
    assert float(wrong) > 100
