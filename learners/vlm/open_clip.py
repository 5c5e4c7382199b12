"""Models of the open_clip library, where that is installed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.vlm.embedder import Frames, Vectors

AT_ONCE = 64


class OpenClip:
    """Implements `Embedder`."""

    def __init__(self, model: Any, prepare: Any, tokenizer: Any, name: str, device: str = "cpu") -> None:
        self.model, self.prepare, self.tokenizer = model.eval().to(device), prepare, tokenizer
        self.name, self.device = name, device

    @classmethod
    def read(cls, name: str, device: str = "cpu") -> OpenClip:
        """name: `ViT-B-32/laion2b_s34b_b79k`, a model and its weights' tag or file; `hf-hub:OWNER/NAME`; or
        `local-dir:FOLDER`.

        Raises:
            ConfigError: the library is not there, or has no such model.
        """
        try:
            import open_clip
        except ModuleNotFoundError as lacking:
            raise ConfigError(f"open_clip:{name} needs open_clip ({lacking}): pip install open-clip-torch") from None
        whole = name.startswith(("hf-hub:", "local-dir:"))
        kind, _, weights = (name, "", "") if whole else name.partition("/")
        if not whole and not weights:
            raise ConfigError(f"open_clip:{name}: which weights? Write open_clip:{name}/TAG, or a file in TAG's place")
        try:
            model, _, prepare = open_clip.create_model_and_transforms(kind, pretrained=weights or None)
            return cls(model, prepare, open_clip.get_tokenizer(kind), name, device)
        except (RuntimeError, OSError, ValueError, KeyError) as fault:
            raise ConfigError(f"open_clip has no {name}: {str(fault).splitlines()[0][:160]}") from None

    @property
    def tau(self) -> float:
        """The temperature that it was trained with."""
        return math.exp(-float(self.model.logit_scale.detach()))

    @torch.inference_mode()
    def pictures(self, frames: Frames) -> Vectors:
        """A vector for each frame, resized and cropped as the model was trained."""
        found = []
        for start in range(0, len(frames), AT_ONCE):
            seen = [self.prepare(Image.fromarray(frame)) for frame in frames[start : start + AT_ONCE]]
            found.append(self.model.encode_image(torch.stack(seen).to(self.device), normalize=True).float().cpu())
        vectors: Vectors = torch.cat(found).numpy()
        return vectors

    @torch.inference_mode()
    def sentences(self, words: Sequence[str]) -> Vectors:
        """A vector for each sentence."""
        found = self.model.encode_text(self.tokenizer(list(words)).to(self.device), normalize=True)
        vectors: Vectors = found.float().cpu().numpy()
        return vectors
