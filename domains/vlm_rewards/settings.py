"""The settings of one trial: which model looks, how it is asked, and who learns from what it says."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id

SizeName = Literal["xxs", "xs", "s", "m", "l"]
Template = Literal["bare", "picture", "above"]
Negatives = Literal["others", "idle"]
PARTS = 4
"""Of a batch of the agent's, learned from one after the other."""
Reward = Literal["vlm", "shuffled", "true", "none"]


class Room(Frozen):
    """The world."""

    seed: int = Field(0, ge=0, lt=2**32)
    side: int = Field(6, ge=3)
    """Cells of a side."""
    toys: int = Field(3, ge=2)


class Looking(Room):
    """The model that looks, and what it learned from: frames with captions, without any held-out combination."""

    size: SizeName = "m"
    patch: int = Field(16, ge=1)
    """Pixels of a patch's side; a cell has eight."""
    captions: int = Field(16_000, ge=16)
    """Frames with a caption each."""
    steps: int = Field(800, ge=1)
    batch: int = Field(128, ge=2)
    rate: float = Field(3e-3, gt=0)


class Asking(Frozen):
    """How it is asked, and on what that is tried."""

    template: Template = "bare"
    negatives: Negatives = "others"
    tau: float = Field(0.0, ge=0)
    """0: the model's own."""
    beta: float = Field(0.0, ge=0, lt=1)
    """0: what is best on the frames that are swept."""
    labelled: int = Field(1_000, ge=16)
    """Frames that are swept, of known combinations, and as many that are measured, of held-out ones."""


class Practising(Frozen):
    """The agent."""

    reward: Reward = "vlm"
    """vlm: what the model says, alone. shuffled: the same of a model whose captions were dealt to other frames. true:
    the world's own. none: the agent stays as it was born."""
    horizon: int = Field(24, ge=1)
    """Steps of an episode."""
    rooms: int = Field(8_192, ge=1)
    """That it learns in; each episode is played in one of them."""
    games: int = Field(128, ge=2)
    """Episodes side by side."""
    updates: int = Field(120, ge=1)
    hidden: int = Field(64, ge=1)
    pace: float = Field(3e-3, gt=0)
    """Its rate of learning."""
    examined: int = Field(1_000, ge=2)
    """Rooms that it never learned in, one episode each."""


class VlmSettings(Looking, Asking, Practising):
    """One trial."""

    @model_validator(mode="after")
    def _fit(self) -> VlmSettings:
        if self.side * 8 % self.patch:
            raise ValueError(f"patch: {self.patch} does not divide frames of {self.side * 8} pixels")
        if self.games % PARTS:
            raise ValueError(f"games: {self.games} cannot be divided into {PARTS} parts of a batch")
        return self

    @property
    def looks(self) -> bool:
        """Whether a model has a part in it."""
        return self.reward in ("vlm", "shuffled")

    @cached_property
    def id(self) -> str:
        """Of everything: what a checkpoint is known by."""
        return content_id("vlm-rewards", self)
