"""CLIP and SigLIP as transformers has them: a folder, or a name on the hub, with its own tokenizer and image
processor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import AutoConfig, AutoImageProcessor, AutoModel, AutoTokenizer

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.vlm.clip import unit
from wunderkammer.learners.vlm.embedder import Frames, Vectors

KINDS = {"clip": "longest", "siglip": "max_length", "siglip2": "max_length"}
"""Kinds of model, and how each was used to see sentences filled up: SigLIP reads what fills them, CLIP does not."""
AT_ONCE = 64


class Hub:
    """Implements `Embedder`."""

    def __init__(self, model: Any, tokenizer: Any, processor: Any, name: str, device: str = "cpu") -> None:
        self.model, self.tokenizer, self.processor = model.eval().to(device), tokenizer, processor
        self.name, self.device = name, device

    @classmethod
    def read(cls, name: str, device: str = "cpu") -> Hub:
        """name: a folder, or OWNER/NAME.

        Raises:
            ConfigError: there is no such model, it lacks a part, or it is of another kind.
        """
        try:
            kind = AutoConfig.from_pretrained(name).model_type
            if kind not in KINDS:
                raise ConfigError(f"{name} is a model of the kind {kind}; a reward takes {', '.join(KINDS)}")
            model, tokenizer, processor = (
                one.from_pretrained(name) for one in (AutoModel, AutoTokenizer, AutoImageProcessor)
            )
        except (OSError, ValueError, ImportError) as fault:
            said = next((line for line in str(fault).splitlines() if line.strip()), type(fault).__name__)
            raise ConfigError(f"{name} cannot be opened as CLIP or SigLIP: {said.strip()}") from None
        return cls(model, tokenizer, processor, name, device)

    @property
    def tau(self) -> float:
        """The temperature that it was trained with."""
        return math.exp(-float(self.model.logit_scale.detach()))

    @torch.inference_mode()
    def pictures(self, frames: Frames) -> Vectors:
        """A vector for each frame, resized and cropped as the model's processor does it."""
        found = [self._looked(frames[start : start + AT_ONCE]) for start in range(0, len(frames), AT_ONCE)]
        return _plain(torch.cat(found))

    @torch.inference_mode()
    def sentences(self, words: Sequence[str]) -> Vectors:
        """A vector for each sentence; what is longer than the model reads is cut."""
        most = self.model.config.text_config.max_position_embeddings
        filled = KINDS[self.model.config.model_type]
        told = self.tokenizer(list(words), padding=filled, truncation=True, max_length=most, return_tensors="pt").to(
            self.device
        )
        if filled == "max_length":  # trained without a mask
            told = {"input_ids": told["input_ids"]}
        return _plain(unit(self.model.get_text_features(**told).pooler_output))

    def _looked(self, frames: Frames) -> Tensor:
        seen = self.processor(images=list(frames), return_tensors="pt").to(self.device)
        return unit(self.model.get_image_features(**seen).pooler_output)


def _plain(vectors: Tensor) -> Vectors:
    found: Vectors = vectors.float().cpu().numpy()
    return found
