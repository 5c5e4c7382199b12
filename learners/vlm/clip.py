"""A CLIP of our own for small closed worlds: transformers' `CLIPModel` with a word for a token, in several sizes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import torch
from torch import Tensor, nn
from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPVisionConfig
from transformers.utils import logging

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.vlm.embedder import Frames, Vectors
from wunderkammer.learners.vlm.vocabulary import BEGIN, END, FILE, PAD, Vocabulary

logging.disable_progress_bar()  # a bar for each file of a few kilobytes
SizeName: TypeAlias = Literal["xxs", "xs", "s", "m", "l"]
SIZES: tuple[SizeName, ...] = get_args(SizeName)
"""From small to large."""
AT_ONCE = 64
"""Frames of one pass. A pass always has so many, the last ones blank if need be: what a matrix product makes of a row
may depend on how many rows there are, and a frame's vector is to depend on the frame alone."""
MEAN, DEVIATION = 0.5, 0.25
"""By which brightness in [0, 1] is moved and scaled."""


class Shape(NamedTuple):
    """Of both towers alike, one layer each."""

    width: int
    heads: int


SHAPES: dict[SizeName, Shape] = {
    "xxs": Shape(4, 1),
    "xs": Shape(8, 1),
    "s": Shape(16, 2),
    "m": Shape(32, 2),
    "l": Shape(64, 4),
}


def make(size: SizeName, side: int, patch: int, vocabulary: Vocabulary, seed: int) -> Any:
    """A model that has learned nothing, for square frames of so many pixels.

    Raises:
        ConfigError: patches do not fill the frame.
    """
    if side % patch:
        raise ConfigError(f"patch: {patch} does not divide frames of {side} pixels")
    shape = SHAPES[size]
    both: dict[str, Any] = {
        "hidden_size": shape.width,
        "intermediate_size": 4 * shape.width,
        "num_hidden_layers": 1,
        "num_attention_heads": shape.heads,
        "projection_dim": shape.width,
        "hidden_act": "gelu",
    }
    text = CLIPTextConfig(
        **both,
        vocab_size=len(vocabulary),
        max_position_embeddings=vocabulary.longest,
        pad_token_id=PAD,
        bos_token_id=BEGIN,
        eos_token_id=END,
    )
    vision = CLIPVisionConfig(**both, image_size=side, patch_size=patch)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return CLIPModel(
            CLIPConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), projection_dim=shape.width)
        )


def pixels(frames: Tensor) -> Tensor:
    """uint8 (frames, height, width, 3) as the model takes them."""
    return (frames.permute(0, 3, 1, 2).float() / 255 - MEAN) / DEVIATION


def unit(vectors: Tensor) -> Tensor:
    """Rows of length 1."""
    return nn.functional.normalize(vectors, dim=-1)


def seen(model: Any, frames: Tensor) -> Tensor:
    """Unit vectors of frames, uint8."""
    return unit(model.get_image_features(pixel_values=pixels(frames)).pooler_output)


def said(model: Any, tokens: Tensor) -> Tensor:
    """Unit vectors of sentences. No mask is wanted: attention looks back only, and what counts is the end's token."""
    return unit(model.get_text_features(input_ids=tokens).pooler_output)


class Clip:
    """One that was trained here; implements `Embedder`."""

    def __init__(self, model: Any, vocabulary: Vocabulary, name: str = "clip", device: str = "cpu") -> None:
        self.model, self.vocabulary, self.name, self.device = model.eval().to(device), vocabulary, name, device

    @classmethod
    def read(cls, folder: Path, device: str = "cpu") -> Clip:
        """From a folder that `write` made."""
        vocabulary = Vocabulary.read(folder)
        try:
            model = CLIPModel.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError) as fault:
            raise ConfigError(f"{folder} holds no CLIP: {str(fault).splitlines()[0]}") from None
        return cls(model, vocabulary, folder.name, device)

    @staticmethod
    def is_one(folder: Path) -> bool:
        """Whether a folder holds one of ours."""
        return (folder / FILE).is_file()

    def write(self, folder: Path) -> None:
        """Keep it: `config.json`, `model.safetensors`, which transformers reads, and the vocabulary."""
        self.model.save_pretrained(folder)
        self.vocabulary.write(folder)

    @property
    def tau(self) -> float:
        """The temperature that it was trained with."""
        return math.exp(-float(self.model.logit_scale.detach()))

    @property
    def parameters(self) -> int:
        """Numbers in both towers."""
        return sum(weight.numel() for weight in self.model.parameters())

    @torch.inference_mode()
    def pictures(self, frames: Frames) -> Vectors:
        """A vector for each frame, which depends on that frame alone."""
        side = self.model.config.vision_config.image_size
        if frames.shape[1:] != (side, side, 3):
            raise ConfigError(f"{self.name} looks at frames of {side} x {side} pixels, not {frames.shape[1:3]}")
        found = []
        for start in range(0, len(frames), AT_ONCE):
            part = torch.zeros((AT_ONCE, side, side, 3), dtype=torch.uint8)
            some = frames[start : start + AT_ONCE]
            part[: len(some)] = torch.tensor(some)
            found.append(seen(self.model, part.to(self.device))[: len(some)].cpu())
        vectors: Vectors = torch.cat(found).numpy()
        return vectors

    @torch.inference_mode()
    def sentences(self, words: Sequence[str]) -> Vectors:
        """A vector for each sentence."""
        tokens = torch.from_numpy(self.vocabulary.tokens(words)).to(self.device)
        vectors: Vectors = said(self.model, tokens).cpu().numpy()
        return vectors
