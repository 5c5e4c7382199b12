"""Adapters for what others trained, on tiny models drawn by chance and saved as theirs are."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModel, AutoTokenizer

from stage import eyes
from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.vlm.opening import opened
from wunderkammer.learners.vlm.reward import Contrast

FRAMES = np.random.default_rng(0).integers(0, 256, (3, 30, 24, 3), dtype=np.uint8)
SENTENCES = ["a red ball", "a blue box"]


@pytest.mark.parametrize("make", [eyes.clip, eyes.siglip])
def test_cosines_are_those_of_the_models_own_logits(make, tmp_path) -> None:
    folder = str(make(tmp_path))
    model, tokens, looks = (one.from_pretrained(folder) for one in (AutoModel, AutoTokenizer, AutoImageProcessor))
    told = tokens(SENTENCES, padding="max_length", max_length=12, return_tensors="pt")["input_ids"]
    seen = looks(images=[Image.fromarray(frame) for frame in FRAMES], return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        logits = model(input_ids=told, pixel_values=seen).logits_per_image.numpy()
    bias = float(getattr(model, "logit_bias", torch.zeros(1)).detach())
    embedder = opened(folder)
    near = embedder.pictures(FRAMES) @ embedder.sentences(SENTENCES).T
    np.testing.assert_allclose(near / embedder.tau + bias, logits, rtol=1e-4, atol=1e-4)
    assert np.ptp(logits, axis=1).max() > 1e-3, "sentences are told apart"
    chances = Contrast(embedder, SENTENCES).chances(FRAMES, [SENTENCES[0]] * 3)
    np.testing.assert_allclose(chances, torch.from_numpy(logits).softmax(1)[:, 0].numpy(), rtol=1e-4)


def test_long_sentences_are_cut(tmp_path) -> None:
    assert opened(str(eyes.clip(tmp_path))).sentences(["red " * 50]).shape == (1, 8)


def test_models_of_another_kind_and_folders_without_one_are_named_in_one_line(tmp_path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(ConfigError, match="of the kind bert; a reward takes clip, siglip, siglip2"):
        opened(str(tmp_path))
    with pytest.raises(ConfigError, match="no such folder; a model is a folder, OWNER/NAME"):
        opened(str(tmp_path / "elsewhere"))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ConfigError) as told:
        opened(str(tmp_path))
    assert "\n" not in str(told.value)


@pytest.mark.skipif(importlib.util.find_spec("open_clip") is not None, reason="open_clip is installed")
def test_what_open_clip_needs_is_said_in_one_line() -> None:
    with pytest.raises(ConfigError, match="pip install open-clip-torch"):
        opened("open_clip:ViT-B-32/openai")


@pytest.mark.skipif(importlib.util.find_spec("open_clip") is None, reason="open_clip is not installed")
def test_open_clips_cosines_are_those_of_its_own_model(tmp_path) -> None:
    from open_clip.model import CLIP

    towers = {
        "embed_dim": 32,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "patch_size": 8, "head_width": 16},
        "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
    }
    torch.save(CLIP(**towers).state_dict(), tmp_path / "open_clip_pytorch_model.bin")
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": towers, "preprocess_cfg": {}}))
    embedder = opened(f"open_clip:local-dir:{tmp_path}")
    seen = torch.stack([embedder.prepare(Image.fromarray(frame)) for frame in FRAMES])
    with torch.inference_mode():
        pictures, texts, scale = embedder.model(seen, embedder.tokenizer(SENTENCES))[:3]
    np.testing.assert_allclose(
        embedder.pictures(FRAMES) @ embedder.sentences(SENTENCES).T, (pictures @ texts.T).numpy(), atol=1e-5
    )
    assert embedder.tau == pytest.approx(1 / float(scale))
    with pytest.raises(ConfigError, match="which weights"):
        opened("open_clip:ViT-B-32")
