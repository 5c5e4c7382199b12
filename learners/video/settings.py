"""The sizes and switches of a learned world: all that its weights depend on, and how it is sampled."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id

LEVELS: dict[int, tuple[int, ...]] = {
    8: (2, 2, 2),
    16: (4, 4),
    64: (8, 8),
    240: (8, 6, 5),
    512: (8, 8, 8),
    1000: (8, 5, 5, 5),
    4375: (7, 5, 5, 5, 5),
}
"""Finite scalar quantisation: levels of each dimension, by how many codes they make (Mentzer et al. 2023, table 1)."""
FORMAT = 3
"""Of a world's folder and of the training that makes it. Raised when older ones could not be read, or when the same
settings make another world."""


class WorldSettings(Frozen):
    """One learned world. The defaults are those of the `cpu` preset."""

    side: int = Field(32, ge=4)
    """Of a frame, in pixels."""
    frames: int = Field(16, ge=2)
    """Of a clip, and the most that the dynamics look back on."""

    patch: int = Field(4, ge=1)
    """The tokenizer's; each becomes one token."""
    width: int = Field(64, ge=8)
    """Of all transformers."""
    heads: int = Field(4, ge=1)
    layers: int = Field(4, ge=1)
    """Of the dynamics. Encoders and decoders have half as many, at least one."""
    qk_norm: bool = True

    quantiser: Literal["vq", "fsq"] = "vq"
    codes: int = Field(512, ge=2)
    """Of the tokenizer. `fsq` knows only the numbers in `LEVELS`."""
    code_width: int = Field(32, ge=1)
    """Of a vector of the codebook (vq)."""

    actions: int = Field(8, ge=2, le=8)
    """Latent actions; eight in the paper. With more than a game needs, the same move can have different ones."""
    action_patch: int = Field(8, ge=1)
    """The latent action model's."""
    action_quantiser: Literal["choice", "vq", "fsq"] = "choice"
    """`choice`: a score for each code, of which the highest counts; `vq` as in the paper."""
    residual: bool = True
    """The tokenizer's transformers add to what the codes paint directly, the action model's decoder to the last frame,
    and the dynamics to the tokens that were there before, instead of making all anew."""
    differences: bool = True
    """The action model's encoder sees how each frame differs from the one before beside the frame."""
    unsigned: bool = False
    """With `differences`: it sees how much each pixel differs, not which way. What an agent steps onto is then of no
    account, for what is there now is the agent; where the whole picture moves, which way is told by nothing else."""
    moved: float = Field(4.0, ge=0)
    """How much more a pixel counts that has just changed, for tokenizer and action model; 0: all count the same."""
    convolved: bool = True
    """The action model looks at frames through convolutions instead of patches cut apart."""
    placed: bool = False
    """The action model's encoder is told where on the frame each of its patches is."""
    shake: int = Field(4, ge=0)
    """The action model's encoder sees each clip moved by up to so many pixels while it learns, its decoder does not."""
    tinted: float = Field(0.0, ge=0, le=1)
    """Share of the clips that the action model's encoder sees in other colours while it learns, its decoder does not:
    what moves onto something else is then the same as what moves over the ground."""
    levelled: bool = True
    """Each dimension of the action model's latents is brought to mean 0 and variance 1 over the batch before it is
    rounded, so that they cannot collapse onto one code, and from then on moved and stretched as it learns."""
    variance: float = Field(0.0, ge=0)
    """Weight of the action model's loss for latents that vary too little over a batch."""

    action_way: Literal["added", "prepended"] = "added"
    """How the dynamics are told the action: added to every token of the frame that it leads to, or as a token before
    them."""
    neighbours: bool = True
    """With `residual`: the dynamics show each place the tokens around it in the frame before, not its own alone."""
    whole: float = Field(0.5, ge=0, lt=1)
    """Chance that a frame is shown whole while the dynamics learn; 0: all are masked, as in the paper."""
    noise: float = Field(0.0, ge=0, lt=1)
    """Share of the shown tokens that are replaced by chance while the dynamics learn."""

    maskgit_steps: int = Field(4, ge=1)
    """Rounds in which a frame's tokens are sampled; the paper takes 25."""
    temperature: float = Field(0.5, ge=0)
    """Of the tokens; 0: the likeliest. The paper takes 2."""
    steady: bool = True
    """A patch whose token stays is shown as it was, instead of being painted anew: what does not move stays as sharp as
    the frame that one began with."""

    @model_validator(mode="after")
    def _fit(self) -> WorldSettings:
        for name in ("patch", "action_patch"):
            if self.side % getattr(self, name):
                raise ValueError(f"{name}: {getattr(self, name)} does not divide {self.side} pixels")
        if self.convolved and (self.action_patch < 2 or self.action_patch.bit_count() != 1):
            raise ValueError(f"action_patch: {self.action_patch} is no power of two above 1, as `convolved` needs")
        if self.width % self.heads:
            raise ValueError(f"heads: {self.heads} do not divide width {self.width}")
        if self.quantiser == "fsq" and self.codes not in LEVELS:
            raise ValueError(f"codes: fsq makes {', '.join(map(str, LEVELS))}")
        if self.action_quantiser == "fsq" and self.actions not in LEVELS:
            raise ValueError(f"actions: fsq makes 8, not {self.actions}")
        return self

    @cached_property
    def id(self) -> str:
        """Of everything that is set here."""
        return content_id("world", self)

    @property
    def tokens(self) -> int:
        """Per frame."""
        return (self.side // self.patch) ** 2

    @property
    def coder_layers(self) -> int:
        """Of an encoder or a decoder."""
        return max(1, self.layers // 2)
