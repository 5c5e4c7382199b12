"""The latent action model: what changed between two frames, as one of eight codes, learned without any labels."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wunderkammer.learners.video.lesson import Lesson, psnr, weights
from wunderkammer.learners.video.patches import begin_as, centred, cut, join, shaken, tinted
from wunderkammer.learners.video.quantiser import leveller, quantiser
from wunderkammer.learners.video.settings import WorldSettings
from wunderkammer.learners.video.stem import stem
from wunderkammer.learners.video.transformer import SpaceTime


class ActionModel(nn.Module):
    """An encoder that sees frames 1 to t + 1 and names a code; a decoder that rebuilds frame t + 1 from frames 1 to t
    and the code. After training only encoder and codebook are of use.

    A decoder can make use of any code, if only the encoder uses it alike from the same place: nothing in the loss asks
    that a code mean the same everywhere. With `shake` and without `placed` the encoder does not know where it looks.
    """

    def __init__(self, settings: WorldSettings) -> None:
        super().__init__()
        self.settings = settings
        side, width = settings.action_patch, settings.width
        pixels = 3 * side**2
        places = (settings.side // side) ** 2
        sizes = (width, settings.heads, settings.coder_layers, settings.frames)
        more = (1 if settings.unsigned else 3) if settings.differences else 0
        self.eye = stem(3 + more, width, side, settings.convolved)
        self.listener = nn.Parameter(torch.randn(width) * 0.02)
        self.encoder = SpaceTime(*sizes, places + 1, settings.qk_norm, placed=settings.placed)
        self.quantiser = quantiser(settings.action_quantiser, settings.actions, settings.code_width)
        self.inward = nn.Linear(width, self.quantiser.width)
        self.level = leveller(self.quantiser.width, settings.levelled)
        self.outward = nn.Linear(self.quantiser.width, width)
        self.canvas = stem(3, width, side, settings.convolved)
        self.decoder = SpaceTime(*sizes, places + 1, settings.qk_norm)
        self.brush = nn.Linear(width, pixels)
        if settings.residual:  # it begins as a copy of the last frame
            begin_as(self.brush)

    def infer(self, frames: Tensor) -> Tensor:
        """Codes, int64 of shape (batch, time - 1), of clips (batch, time, side, side, 3), uint8 or in [0, 1]."""
        return self.quantiser.quantise(self._latents(centred(frames))).codes

    def lesson(self, frames: Tensor, generator: torch.Generator) -> Lesson:
        """The loss of a batch of clips, uint8. generator: of how far each is moved for the encoder."""
        settings, clips = self.settings, centred(frames)
        seen = tinted(clips, settings.tinted, generator)
        latents = self._latents(shaken(seen, settings.shake, generator))
        quantised = self.quantiser.quantise(latents)
        before, target = clips[:, :-1], clips[:, 1:]
        painted = self._painted(before, quantised.vectors)
        errors = (painted.float() - target).square()
        weight = weights(clips, settings.moved)[:, 1:]
        loss = (errors * weight).mean() + quantised.loss
        if settings.variance:
            loss = loss + settings.variance * F.relu(1 - latents.float().flatten(0, 1).std(0)).mean()
        copied = (before - target).square().mean() / 4
        figures = {
            "psnr": psnr(errors.detach().mean() / 4),
            "psnr_copy": psnr(copied),
            "perplexity": quantised.perplexity,
        }
        return Lesson(loss, figures, latents, quantised)

    def seen(self, clips: Tensor) -> Tensor:
        """What the encoder looks at, (batch, time, side, side, channels): frames, and how each differs from the one
        before."""
        if not self.settings.differences:
            return clips
        apart = F.pad(clips[:, 1:] - clips[:, :-1], (0, 0, 0, 0, 0, 0, 1, 0))
        if self.settings.unsigned:
            apart = apart.square().mean(-1, keepdim=True).sqrt()
        return torch.cat([clips, apart], -1)

    def _latents(self, clips: Tensor) -> Tensor:
        """Of each transition, (batch, time - 1, code width)."""
        patches = self.eye(self.seen(clips))
        listener = self.listener.to(patches.dtype).expand(*patches.shape[:2], 1, -1)
        return self.level(self.inward(self.encoder(torch.cat([listener, patches], 2))[:, 1:, 0]))

    def _painted(self, before: Tensor, actions: Tensor) -> Tensor:
        """The frames after, from those before and the vectors of what happened in between."""
        settings = self.settings
        told, canvas = self.outward(actions)[:, :, None], self.canvas(before)
        painted = self.brush(self.decoder(torch.cat([told, canvas], 2))[:, :, 1:])
        if settings.residual:
            painted = painted + cut(before, settings.action_patch)
        return join(painted, settings.action_patch)
