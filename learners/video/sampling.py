"""A next frame, token by token in few rounds: the surest first, the rest masked again (MaskGIT, Chang et al. 2022)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from wunderkammer.learners.video.dynamics import Dynamics


@torch.inference_mode()
def next_frame(
    dynamics: Dynamics,
    past: Tensor,
    actions: Tensor,
    steps: int,
    temperature: float,
    generator: torch.Generator,
) -> Tensor:
    """The codes of the frame after those of the past, int64 (batch, tokens).

    past: (batch, time, tokens), at most `frames` - 1 frames from the first of a clip on.
    actions: (batch, time); the one that led from each frame to the next, the last to the frame that is sampled.
    temperature: of the tokens; 0: the likeliest.
    """
    batch, _, tokens = past.shape
    pasts = dynamics.prime(past, dynamics.since(actions[:, :-1]))
    codes = torch.full((batch, tokens), dynamics.mask, device=past.device)
    hidden = torch.ones_like(codes, dtype=torch.bool)
    for turn in range(steps):
        scores = dynamics.next_scores(codes, actions[:, -1], past[:, -1], pasts)
        drawn, sureness = _draw(scores, temperature, generator)
        drawn = torch.where(hidden, drawn, codes)
        left = math.floor(tokens * math.cos(math.pi / 2 * (turn + 1) / steps))
        if turn == steps - 1 or not left:
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
        # Gumbel noise draws from softmax(scores / temperature) without building it.
        noise = torch.rand(scores.shape, generator=generator, device=scores.device).clamp_(1e-9, 1 - 1e-7)
        codes = (scores - temperature * torch.log(-torch.log(noise))).argmax(-1)
    else:
        codes = scores.argmax(-1)
    return codes, logs.gather(-1, codes[..., None])[..., 0]
