"""The settings of one training: the world's sizes and aids, and how long each of its three parts learns."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from wunderkammer.core.ids import content_id
from wunderkammer.learners.video.settings import WorldSettings

AHEAD = 4
"""Frames that a short examination foresees from the first: t = 4 in the paper."""
Part = Literal["tokenizer", "action_model", "dynamics"]
PARTS: tuple[Part, ...] = ("tokenizer", "action_model", "dynamics")
SHORT: dict[Part, str] = {"tokenizer": "tokenizer", "action_model": "action", "dynamics": "dynamics"}
"""How the settings call them."""


class GenieSettings(WorldSettings):
    """One training. The defaults are those of the `cpu` preset."""

    seed: int = Field(0, ge=0, lt=2**32)

    tokenizer_steps: int = Field(1000, ge=1)
    action_steps: int = Field(1200, ge=1)
    dynamics_steps: int = Field(3000, ge=1)
    tokenizer_batch: int = Field(1, ge=1)
    """Clips of a step. Small models learn more from many small steps."""
    action_batch: int = Field(6, ge=1)
    dynamics_batch: int = Field(2, ge=1)
    tokenizer_rate: float = Field(2e-3, gt=0)
    action_rate: float = Field(2e-3, gt=0)
    dynamics_rate: float = Field(2e-3, gt=0)
    warmup: int = Field(50, ge=1)
    average: float = Field(0.99, ge=0, lt=1)
    """Decay of the moving average of the weights."""
    fair: bool = False
    """First and last frames of an episode are learned from as often as those in its midst. Where a clip begins anywhere
    instead, hardly any shows how its episode ends."""
    pieces: float = Field(0.0, ge=0, le=1)
    """Share of the steps whose clips are cut into shorter ones, of a length that is drawn. An episode's end is the last
    frame of a clip; in clips of one length what ends an episode is learned for that place in time alone."""

    report: int = Field(20, ge=1)
    """Steps between two rows of the curve."""
    picture: int = Field(200, ge=1)
    """Steps between two sheets of frames, and two worlds that can be played while it trains."""
    exam: int = Field(64, ge=2)
    """Clips of the validation set that figures and pictures are made on."""

    bf16: bool = False
    compiled: bool = False

    @model_validator(mode="after")
    def _reported(self) -> GenieSettings:
        for part in PARTS:
            if self.steps(part) % self.report:
                raise ValueError(f"{part}: its {self.steps(part)} steps are no multiple of report ({self.report})")
        if self.frames <= AHEAD:
            raise ValueError(f"frames: a world is examined {AHEAD} frames ahead, so a clip has at least {AHEAD + 1}")
        if self.picture % self.report:
            raise ValueError(f"picture: must be a multiple of report ({self.report})")
        return self

    @cached_property
    def id(self) -> str:
        """Of everything: what a checkpoint is known by."""
        return content_id("genie", self)

    @property
    def world(self) -> WorldSettings:
        """What the trained world needs to know."""
        return WorldSettings.model_validate(self.model_dump(include=set(WorldSettings.model_fields)))

    @property
    def total(self) -> int:
        """Steps of all parts."""
        return sum(map(self.steps, PARTS))

    def steps(self, part: Part) -> int:
        """How long a part learns."""
        return int(getattr(self, f"{SHORT[part]}_steps"))

    def batch(self, part: Part) -> int:
        """Clips of each of its steps."""
        return int(getattr(self, f"{SHORT[part]}_batch"))

    def rate(self, part: Part) -> float:
        """Its highest learning rate."""
        return float(getattr(self, f"{SHORT[part]}_rate"))
