"""The reward's arithmetic: against transformers' own logits, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.vlm.clip import Clip, make, pixels
from wunderkammer.learners.vlm.reward import Contrast, RewardModel
from wunderkammer.learners.vlm.vocabulary import Vocabulary

SENTENCES = ["a red ball", "a blue box", "a red box", "nothing at all"]
WORDS = Vocabulary.of(SENTENCES)
FRAMES = np.random.default_rng(0).integers(0, 256, (5, 24, 24, 3), dtype=np.uint8)
CLIP = Clip(make("s", 24, 8, WORDS, 3), WORDS)


class Arrows:
    """Frames are directions in a plane, by their first pixel in degrees; so are sentences, by their last word."""

    name, tau = "arrows", 0.5

    def pictures(self, frames):
        return self._at(frames[:, 0, 0, 0].astype(float))

    def sentences(self, words):
        return self._at([float(one.split()[-1]) for one in words])

    def _at(self, degrees):
        angles = np.deg2rad(degrees)
        return np.stack([np.cos(angles), np.sin(angles)], -1).astype(np.float32)


def pointing(*degrees) -> np.ndarray:
    return np.array(degrees, np.uint8)[:, None, None, None].repeat(3, -1)


def test_it_is_the_softmax_of_the_logits_that_transformers_gives() -> None:
    with torch.inference_mode():
        logits = CLIP.model(
            input_ids=torch.from_numpy(WORDS.tokens(SENTENCES)), pixel_values=pixels(torch.from_numpy(FRAMES))
        ).logits_per_image
    expected = logits.softmax(1).numpy()
    for place, goal in enumerate(SENTENCES):
        found = Contrast(CLIP, SENTENCES).chances(FRAMES, [goal] * 5)
        np.testing.assert_allclose(found, expected[:, place], rtol=1e-4)


def test_each_frame_has_its_own_goal_and_only_the_negatives_against_it() -> None:
    asked = Contrast(Arrows(), ["to 90"])
    found = asked.chances(pointing(0, 90, 60), ["to 0", "to 0", "to 60"])
    one = 1 / (1 + np.exp(-1 / 0.5))
    cosine = np.cos(np.deg2rad(30))
    assert found == pytest.approx([one, 1 - one, 1 / (1 + np.exp((cosine - 1) / 0.5))], rel=1e-5)


def test_a_goal_among_the_negatives_is_not_set_against_itself() -> None:
    few, more = (Contrast(Arrows(), against) for against in (["to 90"], ["to 90", "to 0"]))
    assert few.chances(pointing(10), ["to 0"]) == pytest.approx(more.chances(pointing(10), ["to 0"]))


def test_a_lower_temperature_is_surer_and_templates_hold_goals_and_negatives() -> None:
    warm, cold = (Contrast(Arrows(), ["to 90"], tau, "an arrow {}") for tau in (1.0, 0.1))
    assert warm.chances(pointing(0), ["to 0"]) < cold.chances(pointing(0), ["to 0"])
    assert cold.chances(pointing(0), ["to 0"]) == pytest.approx(1 / (1 + np.exp(-10)))


def test_a_reward_is_above_the_threshold_and_not_at_it() -> None:
    class Half:
        def chances(self, frames, goals):
            return np.array([0.49, 0.5, 0.51])

    assert RewardModel(Half(), 0.5)(pointing(0, 0, 0), ["x"] * 3).tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"negatives": []}, "at least one negative"),
        ({"negatives": ["to 1"], "template": "an arrow"}, "must hold {}"),
        ({"negatives": ["to 1"], "tau": -1}, "above 0"),
    ],
)
def test_what_cannot_be_asked_is_refused(wrong, said) -> None:
    with pytest.raises(ConfigError, match=said):
        Contrast(Arrows(), **wrong)
    with pytest.raises(ConfigError, match="beta 1"):
        RewardModel(Contrast(Arrows(), ["to 1"]), 1.0)
