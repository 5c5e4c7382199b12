"""The video tokenizer: clips to discrete tokens and back, each frame seen with those before it (ST-ViViT, VQ-VAE)."""

from __future__ import annotations

from torch import Tensor, nn

from wunderkammer.learners.video.lesson import Lesson, psnr, weights
from wunderkammer.learners.video.patches import begin_as, centred, cosines, cut, join, visible
from wunderkammer.learners.video.quantiser import quantiser
from wunderkammer.learners.video.settings import WorldSettings
from wunderkammer.learners.video.transformer import Pasts, SpaceTime


class Tokenizer(nn.Module):
    """Encoder, codebook and decoder.

    With `residual`, what is quantised begins as the lowest frequencies of each patch, and the transformers correct what
    that leaves: a codebook of patches paints recognisable frames after few steps, where one of arbitrary vectors stays
    with few codes for long.
    """

    def __init__(self, settings: WorldSettings) -> None:
        super().__init__()
        self.settings = settings
        pixels, width = 3 * settings.patch**2, settings.width
        sizes = (width, settings.heads, settings.coder_layers, settings.frames, settings.tokens, settings.qk_norm)
        self.quantiser = quantiser(settings.quantiser, settings.codes, settings.code_width)
        self.eye, self.encoder = nn.Linear(pixels, width), SpaceTime(*sizes)
        self.inward = nn.Linear(width, self.quantiser.width)
        self.outward = nn.Linear(self.quantiser.width, width)
        self.decoder, self.brush = SpaceTime(*sizes), nn.Linear(width, pixels)
        self.direct: nn.Module | None = None
        if settings.residual:
            self.direct, self.back = nn.Linear(pixels, self.quantiser.width), nn.Linear(self.quantiser.width, pixels)
            basis = cosines(settings.patch, self.quantiser.width)
            begin_as(self.direct, basis)
            begin_as(self.back, basis.t())
            begin_as(self.inward)
            begin_as(self.brush)

    def encode(self, frames: Tensor) -> Tensor:
        """Codes, int64 (batch, time, tokens), of clips (batch, time, side, side, 3), uint8 or floats in [0, 1]."""
        return self.quantiser.quantise(self._latents(centred(frames))).codes

    def decode(self, codes: Tensor) -> Tensor:
        """Frames in [0, 1], (batch, time, side, side, 3)."""
        return visible(self._painted(self.quantiser.vectors(codes)))

    def prime(self, codes: Tensor) -> Pasts:
        """What painting the frame after these needs of them."""
        return self.decoder.prime(self.outward(self.quantiser.vectors(codes)))

    def paint(self, codes: Tensor, pasts: Pasts) -> tuple[Tensor, Pasts]:
        """One frame more, (batch, side, side, 3) in [0, 1], and what the one after it needs. codes: (batch, tokens)."""
        vectors = self.quantiser.vectors(codes[:, None])
        seen, pasts = self.decoder.step(self.outward(vectors), pasts)
        return visible(self._brushed(seen, vectors))[:, 0], pasts

    def lesson(self, frames: Tensor) -> Lesson:
        """The loss of a batch of clips, uint8."""
        target = centred(frames)
        latents = self._latents(target)
        quantised = self.quantiser.quantise(latents)
        errors = (self._painted(quantised.vectors).float() - target).square()
        loss = (errors * weights(target, self.settings.moved)).mean() + quantised.loss
        figures = {"psnr": psnr(errors.detach().mean() / 4), "perplexity": quantised.perplexity}
        return Lesson(loss, figures, latents, quantised)

    def _latents(self, frames: Tensor) -> Tensor:
        patches = cut(frames, self.settings.patch)
        latents = self.inward(self.encoder(self.eye(patches)))
        return latents if self.direct is None else latents + self.direct(patches)

    def _painted(self, vectors: Tensor) -> Tensor:
        """Frames in [-1, 1]."""
        return self._brushed(self.decoder(self.outward(vectors)), vectors)

    def _brushed(self, seen: Tensor, vectors: Tensor) -> Tensor:
        patches = self.brush(seen)
        return join(patches if self.direct is None else patches + self.back(vectors), self.settings.patch)
