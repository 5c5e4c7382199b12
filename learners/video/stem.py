"""How frames become tokens: patches cut apart, or convolutions that look across their borders."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from wunderkammer.learners.video.patches import cut

KERNEL = 5


class Cutting(nn.Module):
    """Each patch by itself, as in the paper."""

    def __init__(self, channels: int, width: int, side: int) -> None:
        super().__init__()
        self.side = side
        self.inward = nn.Linear(channels * side**2, width)

    def forward(self, frames: Tensor) -> Tensor:
        """(batch, time, high, wide, channels) to (batch, time, places, width)."""
        return self.inward(cut(frames, self.side))


class Convolutions(nn.Module):
    """Frames halved until a patch is one token (Xiao et al. 2021, "Early convolutions help transformers see better").

    What moves from one patch to the next is then seen by one token, in the same way wherever it happens.
    """

    def __init__(self, channels: int, width: int, side: int) -> None:
        super().__init__()
        halvings = side.bit_length() - 1
        widths = [channels, *(max(16, width >> (halvings - 1 - turn)) for turn in range(halvings - 1)), width]
        self.layers = nn.ModuleList(
            nn.Conv2d(before, after, KERNEL, stride=2, padding=KERNEL // 2) for before, after in pairwise(widths)
        )

    def forward(self, frames: Tensor) -> Tensor:
        """As `Cutting.forward`."""
        b, t = frames.shape[:2]
        seen = frames.flatten(0, 1).permute(0, 3, 1, 2)
        for turn, layer in enumerate(self.layers):
            seen = layer(F.silu(seen) if turn else seen)
        return seen.flatten(2).transpose(1, 2).unflatten(0, (b, t))


def stem(channels: int, width: int, side: int, convolved: bool) -> nn.Module:
    """One of the two; side: of a patch, for convolutions a power of two above 1."""
    return (Convolutions if convolved else Cutting)(channels, width, side)
