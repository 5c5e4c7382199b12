"""A next frame, token by token in few rounds: the surest first, the rest masked again (MaskGIT, Chang et al. 2022)."""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor

from wunderkammer.learners.video.transformer import Pasts


class Foresees(Protocol):
    """What a frame is drawn from: `Dynamics`, or a model that is told in words."""

    @property
    def mask(self) -> int:
        """The code that stands for a masked token."""
        ...

    def next_scores(self, codes: Tensor, action: Tensor, before: Tensor, pasts: Pasts, /) -> Tensor:
        """Logits of a frame that is partly masked, (batch, tokens, codes)."""
        ...


@torch.inference_mode()
def next_frame(
    dynamics: Foresees,
    before: Tensor,
    action: Tensor,
    pasts: Pasts,
    steps: int,
    temperature: float,
    generator: torch.Generator,
    singly: bool = False,
) -> Tensor:
    """The codes of the frame that follows, int64 (batch, tokens).

    before: the codes of the last frame, (batch, tokens). action: what was done there, (batch,), or what is said
    of it, (batch, length).
    pasts: what `dynamics` keeps of all frames from the first of a clip on, at most `frames` - 1 of them.
    temperature: of the tokens; 0: the likeliest.
    singly: all but `steps` - 1 tokens are taken in the first round and one in each other; default: few at first, most
    in the end, as MaskGIT does. Where few tokens are unsure and depend on one another they should not be taken
    together: of three cells in one of which something must be, each is likelier empty.
    """
    batch, tokens = before.shape
    codes = torch.full((batch, tokens), dynamics.mask, device=before.device)
    hidden = torch.ones_like(codes, dtype=torch.bool)
    for turn in range(steps):
        scores = dynamics.next_scores(codes, action, before, pasts)
        drawn, sureness = _draw(scores, temperature, generator)
        drawn = torch.where(hidden, drawn, codes)
        left = math.floor(tokens * math.cos(math.pi / 2 * (turn + 1) / steps))
        if singly:
            left = min(tokens, steps) - 1 - turn
        if turn == steps - 1 or left <= 0:
            return drawn
        sureness = sureness.masked_fill(~hidden, math.inf)
        worst = sureness.topk(left, dim=1, largest=False).indices
        hidden = torch.zeros_like(hidden).scatter_(1, worst, True)
        codes = torch.where(hidden, dynamics.mask, drawn)
    return codes


def _draw(scores: Tensor, temperature: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Codes, and how sure each is (a log-probability)."""
    logs = scores.log_softmax(-1)
    if temperature:
        # Gumbel noise draws from softmax(scores / temperature) without building it. In place: on a processor most of
        # the time went into fresh memory.
        noise = torch.rand(scores.shape, generator=generator, device=scores.device).clamp_(1e-9, 1 - 1e-7)
        noise.log_().neg_().log_().mul_(temperature)
        codes = torch.sub(scores, noise, out=noise).argmax(-1)
    else:
        codes = scores.argmax(-1)
    return codes, logs.gather(-1, codes[..., None])[..., 0]
