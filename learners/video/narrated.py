"""A video model that is told what to show: sentence and frames so far in, the next frame out, cell by cell.

Source: Yang et al. 2024, "Video as the New Language for Real-World Decision Making", section 3: one model, text and
frames as its only interface. Trunk and sampling are Genie's (Bruce et al. 2024; Chang et al. 2022); here each cell of a
frame is a token already, and a token's vector is worked out from its pixels, so that what is drawn alike is near.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from pydantic import Field, model_validator
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import checked
from wunderkammer.learners.video.lesson import Lesson
from wunderkammer.learners.video.sampling import next_frame
from wunderkammer.learners.video.tiles import Tiles
from wunderkammer.learners.video.transformer import Pasts, SpaceTime
from wunderkammer.learners.video.words import REST, Words

SETTINGS, WEIGHTS = "settings.json", "video.safetensors"


class NarratedSettings(Frozen):
    """All that the weights depend on."""

    width: int = Field(64, ge=8)
    heads: int = Field(4, ge=1)
    layers: int = Field(2, ge=1)
    looks: int = Field(1, ge=0)
    """Frames that are looked back on as wholes. Every cell is told anyway what it and its neighbours were in the last
    one: with 0, that is all that is seen of it, for half the price."""
    shown: int = Field(0, ge=0)
    """Frames that may be shown before: of a demonstration, or of what it is to come to."""
    most: int = Field(13, ge=1)
    """Rows and columns of the largest frame. While it learns, smaller ones lie anywhere on such a board."""

    least: float = Field(0.5, ge=0, le=1)
    """Of a frame's tokens, so large a share at least is masked while it learns; of many frames all are."""

    @model_validator(mode="after")
    def _fits(self) -> NarratedSettings:
        if self.width % self.heads:
            raise ValueError(f"heads: {self.heads} do not divide width {self.width}")
        return self

    @cached_property
    def id(self) -> str:
        return content_id("narrated", self)


class Narrated(nn.Module):
    """The model.

    tiles: what cells look like. words: what it can be told.
    Pages, which it learns from, are int64 (batch, time, length + cells): each frame's sentence, then its tokens; frames
    that are shown, those that are seen, and the next one.
    """

    def __init__(self, settings: NarratedSettings, tiles: Tiles, words: Words) -> None:
        super().__init__()
        self.settings, self.tiles, self.words = settings, tiles, words
        width, count = settings.width, len(tiles)
        pixels = torch.from_numpy(tiles.patches.reshape(count, -1)).float() / 255
        self.pixels: Tensor
        self.register_buffer("pixels", pixels, persistent=False)
        self.eye = nn.Sequential(
            nn.Linear(pixels.shape[1], width), nn.GELU(), nn.Linear(width, width), nn.LayerNorm(width)
        )
        # As in `Dynamics`: a token that is shown alone scores as much for itself as all others together.
        std = math.log(max(count, 3)) / width
        self.loud = nn.Parameter(torch.tensor(std))
        self.hidden = nn.Parameter(torch.randn(width) * std)
        self.word = nn.Embedding(len(words.known) + 1, width)
        self.row, self.column = (nn.Parameter(torch.randn(settings.most, width) * 0.3 * std) for _ in range(2))
        self.spoken = nn.Parameter(torch.randn(words.length, width) * std)
        nn.init.normal_(self.word.weight, std=std)
        frames = settings.shown + settings.looks + 1
        self.trunk = SpaceTime(width, settings.heads, settings.layers, frames, 0, True, placed=False)
        self.bias = nn.Parameter(torch.zeros(count))
        self.before = nn.Conv2d(width, width, 3, padding=1, bias=False)
        nn.init.normal_(self.before.weight, std=0.02)
        with torch.no_grad():
            self.before.weight[:, :, 1, 1] = torch.eye(width)

    @property
    def mask(self) -> int:
        """The code of a token that is not known yet."""
        return len(self.tiles)

    @property
    def device(self) -> torch.device:
        return self.bias.device

    def lesson(self, pages: Tensor, generator: torch.Generator) -> Lesson:
        """The loss of the last frame of each page, of which a share is masked, or all."""
        said, codes = pages[:, :, : self.words.length], pages[:, :, self.words.length :]
        b, t, n = codes.shape
        least = self.settings.least
        rate = least + (1.5 - least) * torch.rand(b, 1, generator=generator, device=codes.device)
        masked = torch.rand(b, n, generator=generator, device=codes.device) < rate
        target, before = codes[:, -1], codes[:, -2]
        earlier = t - 1 - (not self.settings.looks)
        shown = torch.cat([codes[:, :earlier], torch.where(masked, self.mask, target)[:, None]], 1)
        room = self.settings.most - math.isqrt(n)
        at = torch.randint(room + 1, (2,), generator=generator, device=codes.device).tolist()
        tokens = self._tokens(said[:, : earlier + 1], shown, before, at=(at[0], at[1]))
        seen = self.trunk(tokens)[:, -1, self.words.length :]
        scores, target = self._scores(seen[masked]), target[masked]
        loss = F.cross_entropy(scores, target)
        right = (scores.detach().argmax(-1) == target).float().mean()
        return Lesson(loss, {"accuracy": right})

    def prime(self, said: Tensor, codes: Tensor) -> Pasts:
        """What the next frame needs of those before. said: (batch, time, length). codes: (batch, time, cells)."""
        return self.trunk.prime(self._tokens(said, codes))

    def next_scores(self, codes: Tensor, said: Tensor, before: Tensor, pasts: Pasts) -> Tensor:
        """Logits of a frame that is partly masked, (batch, cells, tiles).

        codes, before: that frame and the one before, (batch, cells). said: (batch, length).
        """
        tokens = self._tokens(said[:, None], codes[:, None], before)
        seen = self.trunk.step(tokens, pasts)[0] if pasts else self.trunk(tokens)
        return self._scores(seen[:, 0, self.words.length :])

    def read(self, said: Tensor, codes: Tensor) -> Tensor:
        """What the trunk makes of one frame and what is said of it, (batch, length + cells, width). said: (batch,
        length). codes: (batch, cells)."""
        found: Tensor = self.trunk(self._tokens(said[:, None], codes[:, None]))[:, 0]
        return found

    @torch.inference_mode()
    def follow(
        self,
        said: Tensor,
        codes: Tensor,
        generator: torch.Generator,
        rounds: int = 1,
        temperature: float = 0.0,
        shown: Tensor | None = None,
        singly: bool = False,
    ) -> Tensor:
        """The codes of the next frame, (batch, cells).

        said: what is to be seen, (batch, length). codes: frames so far, (batch, time, cells); the last `looks` count,
        and a way that has just begun is looked back on as a still picture. shown: a demonstration, (batch, shown,
        cells). rounds, temperature, singly: as `next_frame` has them.
        """
        looks, before = self.settings.looks, codes[:, -1]
        if codes.shape[1] < looks:
            codes = torch.cat([codes[:, :1].expand(-1, looks - codes.shape[1], -1), codes], 1)
        window = codes[:, codes.shape[1] - looks :]
        if shown is not None:
            window = torch.cat([shown, window], 1)
        pasts = self.prime(said[:, None].expand(-1, window.shape[1], -1), window) if window.shape[1] else ()
        return next_frame(self, before, said, pasts, rounds, temperature, generator, singly)

    def told(self, sentences: Sequence[str]) -> Tensor:
        """(sentences, length), where the model is; `ConfigError` names a word that it does not know."""
        return torch.from_numpy(self.words.all(sentences)).to(self.device)

    def save(self, folder: Path, notes: dict[str, object] | None = None) -> None:
        """Settings, words and notes as JSON; weights and tiles beside them."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = {"settings": self.settings.model_dump(), "words": self.words.known, "length": self.words.length}
        (folder / SETTINGS).write_text(json.dumps(kept | {"notes": notes or {}}, indent=1), "utf-8")
        weights = {name: value.cpu().contiguous() for name, value in self.state_dict().items()}
        save_file(weights | {"tiles": torch.from_numpy(self.tiles.patches)}, folder / WEIGHTS)

    @classmethod
    def load(cls, folder: Path) -> Narrated:
        """What was saved; `ConfigError` where it is not whole."""
        try:
            kept = json.loads((folder / SETTINGS).read_text("utf-8"))
            weights = load_file(folder / WEIGHTS)
            tiles, words = Tiles(weights.pop("tiles").numpy()), Words(kept["words"], int(kept["length"]))
            model = cls(checked(NarratedSettings, kept["settings"], str(folder)), tiles, words)
            model.load_state_dict(weights)
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as fault:
            raise ConfigError(f"{folder} holds no video model: {str(fault).splitlines()[0]}") from None
        return model.eval()

    def _tokens(
        self, said: Tensor, codes: Tensor, before: Tensor | None = None, at: tuple[int, int] | None = None
    ) -> Tensor:
        """(batch, time, length + cells, width). before: what was there before the last of these frames, (batch, cells);
        default: the one before it, and nothing before the first. at: where the frames lie on the board; default: in
        its middle."""
        b, t, n = codes.shape
        side = math.isqrt(n)
        if side > self.settings.most:
            raise ConfigError(f"frames of {side} x {side} cells; this video model was made for {self.settings.most}")
        rest = (self.settings.most - side) // 2
        top, left = (rest, rest) if at is None else at
        vectors = torch.cat([self.vectors(), self.hidden[None]])
        tokens = F.embedding(codes, vectors)
        last = F.pad(tokens[:, :-1], (0, 0, 0, 0, 1, 0))
        if before is not None:
            last = torch.cat([last[:, :-1], F.embedding(before, vectors)[:, None]], 1)
        grid = last.reshape(b * t, side, side, -1).permute(0, 3, 1, 2)
        tokens = tokens + self.before(grid).permute(0, 2, 3, 1).reshape(b, t, n, -1)
        place = self.row[top : top + side, None] + self.column[None, left : left + side]
        words = self.word(said) + self.spoken * (said != REST)[..., None]
        return torch.cat([words, tokens + place.reshape(n, -1)], 2)

    def vectors(self) -> Tensor:
        """Of the tiles, (tiles, width)."""
        found: Tensor = self.eye(self.pixels) * self.loud
        return found

    def _scores(self, seen: Tensor) -> Tensor:
        return F.linear(seen, self.vectors(), self.bias).float()


def pages(said: np.ndarray, codes: np.ndarray) -> Tensor:
    """Pages to learn from. said: (batch, length), of all frames of a page, or (batch, time, length). codes: (batch,
    time, cells)."""
    if said.ndim == 2:
        said = np.broadcast_to(said[:, None], (*codes.shape[:2], said.shape[-1]))
    return torch.from_numpy(np.concatenate([said, codes], -1))
