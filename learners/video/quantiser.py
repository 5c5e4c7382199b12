"""Vectors rounded to codes: a learned codebook (VQ), a grid that needs none (FSQ), or the highest of some scores."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wunderkammer.learners.video.settings import LEVELS

COMMITMENT = 0.25
"""Weight of the loss that keeps vectors near their codes (van den Oord et al. 2017)."""
BALANCE = 0.002
"""Weight of the loss of scores that favour some codes on average: little, as some things do happen more often."""
MOMENTUM = 0.1
"""Share of a batch in the averages of `Level`."""
DEAD = 0.02
"""A code is revived when it is used less than this share of what even use would be."""


class Quantised(NamedTuple):
    """What became of vectors (..., width)."""

    codes: Tensor
    """int64, (...)."""
    vectors: Tensor
    """(..., width); the gradient passes straight through."""
    loss: Tensor
    """Scalar; 0 where the quantiser asks for nothing."""
    perplexity: Tensor
    """exp of the entropy of the codes in this batch: how many are in use."""


class Quantiser(Protocol):
    """One interface for all."""

    width: int
    codes: int

    def quantise(self, vectors: Tensor) -> Quantised: ...

    def vectors(self, codes: Tensor) -> Tensor:
        """Those that the codes stand for, (..., width)."""
        ...

    def settle(self, vectors: Tensor, codes: Tensor, generator: torch.Generator) -> None:
        """Learn from a batch outside the gradient; called once after each step of the optimiser."""
        ...


class VectorQuantiser(nn.Module):
    """The nearest vector of a codebook that follows a moving average of what it is used for.

    Codes that nothing falls on are put onto vectors of the batch, at first all of them.
    """

    book: Tensor
    counts: Tensor
    sums: Tensor

    def __init__(self, codes: int, width: int, decay: float = 0.98) -> None:
        super().__init__()
        self.width, self.codes, self.decay = width, codes, decay
        self.register_buffer("book", torch.randn(codes, width) * 0.1)
        self.register_buffer("counts", torch.zeros(codes))
        self.register_buffer("sums", torch.zeros(codes, width))

    def quantise(self, vectors: Tensor) -> Quantised:
        """See `Quantiser`."""
        flat = vectors.float().reshape(-1, self.width)
        with torch.autocast(flat.device.type, enabled=False):  # which is nearest is not to be told in bf16
            scores = torch.addmm(self.book.square().sum(1).mul(-0.5), flat.detach(), self.book.t())
        codes = scores.argmax(1)  # the nearest: |v - b|² = |v|² - 2 (v·b - |b|²/2)
        nearest = F.embedding(codes, self.book)
        loss = COMMITMENT * F.mse_loss(flat, nearest)
        through = (flat + (nearest - flat).detach()).to(vectors.dtype)
        shape = vectors.shape[:-1]
        return Quantised(codes.view(shape), through.view(vectors.shape), loss, perplexity(codes, self.codes))

    def vectors(self, codes: Tensor) -> Tensor:
        """See `Quantiser`."""
        return F.embedding(codes, self.book)

    @torch.no_grad()
    def settle(self, vectors: Tensor, codes: Tensor, generator: torch.Generator) -> None:
        """See `Quantiser`."""
        flat, codes = vectors.detach().float().reshape(-1, self.width), codes.reshape(-1)
        fresh = torch.zeros_like(self.counts).index_add_(0, codes, torch.ones_like(codes, dtype=torch.float32))
        first = self.counts.sum() == 0
        self.counts.lerp_(fresh, 1 - self.decay)
        self.sums.lerp_(torch.zeros_like(self.sums).index_add_(0, codes, flat), 1 - self.decay)
        even = self.counts.sum() / self.codes
        dead = (self.counts < DEAD * even) | first
        drawn = flat[torch.randint(len(flat), (self.codes,), generator=generator, device=flat.device)]
        self.sums.copy_(torch.where(dead[:, None], drawn * even, self.sums))
        self.counts.copy_(torch.where(dead, even, self.counts))
        self.book.copy_(self.sums / self.counts.clamp(min=1e-6)[:, None])


class ScalarQuantiser(nn.Module):
    """Each dimension rounded to few levels (Mentzer et al. 2023): no codebook, nothing to collapse."""

    levels: Tensor
    strides: Tensor

    def __init__(self, levels: tuple[int, ...]) -> None:
        super().__init__()
        self.width, self.codes = len(levels), int(torch.tensor(levels).prod())
        self.register_buffer("levels", torch.tensor(levels), persistent=False)
        strides = torch.tensor([1, *levels[:-1]]).cumprod(0)
        self.register_buffer("strides", strides, persistent=False)

    def quantise(self, vectors: Tensor) -> Quantised:
        """See `Quantiser`."""
        half = (self.levels - 1) / 2
        bounded = vectors.float().tanh() * half
        even = (self.levels + 1) % 2 * 0.5  # an even number of levels stands between the whole numbers
        rounded = (bounded - even).round() + even
        rounded = torch.maximum(torch.minimum(rounded, half), -half)
        through = (bounded + (rounded - bounded).detach()) / half
        codes = ((rounded + half).round().long() * self.strides).sum(-1)
        nothing = vectors.new_zeros(())
        return Quantised(codes, through.to(vectors.dtype), nothing, perplexity(codes, self.codes))

    def vectors(self, codes: Tensor) -> Tensor:
        """See `Quantiser`."""
        half = (self.levels - 1) / 2
        return (codes[..., None] // self.strides % self.levels - half) / half

    def settle(self, vectors: Tensor, codes: Tensor, generator: torch.Generator) -> None:
        """Nothing is learned here."""


class Choice(nn.Module):
    """The highest of as many scores as there are codes; the gradient is that of their softmax. The best for few codes:
    a code is a corner of its own, and none has to be the nearest to anything."""

    def __init__(self, codes: int) -> None:
        super().__init__()
        self.width = self.codes = codes

    def quantise(self, vectors: Tensor) -> Quantised:
        """See `Quantiser`."""
        soft = vectors.float().softmax(-1)
        codes = soft.argmax(-1)
        mean = soft.reshape(-1, self.codes).mean(0)
        loss = BALANCE * (math.log(self.codes) - torch.special.entr(mean).sum())
        through = soft + (self.vectors(codes) - soft).detach()
        return Quantised(codes, through.to(vectors.dtype), loss, perplexity(codes, self.codes))

    def vectors(self, codes: Tensor) -> Tensor:
        """See `Quantiser`."""
        return F.one_hot(codes, self.codes).float()

    def settle(self, vectors: Tensor, codes: Tensor, generator: torch.Generator) -> None:
        """Nothing is learned here."""


def quantiser(kind: str, codes: int, width: int) -> VectorQuantiser | ScalarQuantiser | Choice:
    """`vq`, `fsq` or `choice`. width: of the vectors of a codebook; the others have their own."""
    if kind == "choice":
        return Choice(codes)
    return ScalarQuantiser(LEVELS[codes]) if kind == "fsq" else VectorQuantiser(codes, width)


def leveller(width: int, wanted: bool) -> nn.Module:
    """Brings each dimension of vectors (…, width) to mean 0 and variance 1 over a batch, and later over what it was on
    average; the same vectors where that is not wanted.

    Without it few codes are used for long: vectors begin nearly alike, and rounding them shows a decoder nothing. What
    happens is not evenly spread over codes, so another mean and variance are learned from there.
    """
    return Level(width) if wanted else nn.Identity()


class Level(nn.BatchNorm1d):
    """Batch normalisation of the last dimension."""

    def __init__(self, width: int) -> None:
        super().__init__(width, momentum=MOMENTUM)

    def begin_anew(self) -> None:
        """Forget the averages; what follows counts evenly, until `go_on`."""
        self.reset_running_stats()
        self.momentum: float | None = None

    def go_on(self) -> None:
        """Let the averages forget again."""
        self.momentum = MOMENTUM

    def forward(self, vectors: Tensor) -> Tensor:
        return super().forward(vectors.float().reshape(-1, vectors.shape[-1])).view(vectors.shape)


def perplexity(codes: Tensor, count: int) -> Tensor:
    """exp of the entropy of codes."""
    flat = codes.reshape(-1)
    uses = torch.zeros(count, device=codes.device).index_add_(0, flat, torch.ones_like(flat, dtype=torch.float32))
    shares = uses / max(flat.numel(), 1)
    return torch.special.entr(shares).sum().exp()
