"""Everything that decides a trial of learned optimisers: which worlds, which curriculum, how the optimiser learns."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id

Score = Literal["regret", "positive", "l1", "uniform", "random"]
Learner = Literal["lpg", "untrained", "a2c"]
OPTIMISER, CURVE, LEVELS, PICTURE = "optimiser.safetensors", "curve.json", "levels.txt", "levels.png"
"""What a meta-training leaves: the optimiser; how it came along; levels it learned in, as text and as a picture."""


class Worlds(Frozen):
    """The distribution `all` of Jackson et al. 2023, whose values the defaults are."""

    smallest: int = Field(4, ge=2)
    """Side of the smallest grid."""
    side: int = Field(10, ge=2, le=32)
    """Of the largest."""
    walls: int = Field(15, ge=0)
    """Cells that are drawn to be walls."""
    objects: int = Field(5, ge=1, le=8)
    """The most; how many is drawn evenly from 1 on."""
    shortest: int = Field(20, ge=1)
    longest: int = Field(750, ge=1)
    """Steps of an episode, drawn evenly in their logarithm."""
    young: int = Field(50, ge=1)
    old: int = Field(250, ge=1)
    """Updates of a life, the shortest and the longest, drawn evenly in their logarithm and rounded up to whole
    windows."""

    @model_validator(mode="after")
    def _in_order(self) -> Worlds:
        for low, high in (("smallest", "side"), ("shortest", "longest"), ("young", "old")):
            if getattr(self, low) > getattr(self, high):
                raise ValueError(f"{low} is more than {high}")
        if self.smallest**2 < self.objects + 1:
            raise ValueError(f"objects: a grid of side {self.smallest} does not hold {self.objects} and an agent")
        return self


class Agents(Frozen):
    """How one agent plays and takes what it is told, in training and in examinations alike."""

    workers: int = Field(64, ge=1)
    """Episodes that an agent plays side by side."""
    steps: int = Field(20, ge=2)
    """Of each, before an update."""
    rate: float = Field(40.0, gt=0)
    """Step size of a policy that an optimiser teaches."""
    foreseeing: float = Field(4.0, gt=0)
    """Step size of its predictions."""
    a2c: float = Field(40.0, gt=0)
    """Step size of A2C's policy: in examinations, and where a curriculum holds agents against it."""
    exploring: float = Field(0.01, ge=0)
    """A2C's weight of entropy."""
    width: int = Field(256, ge=1)
    """Of the optimiser's recurrent network."""
    predictions: int = Field(8, ge=1)
    """Length of an agent's prediction vector."""


class MetaTraining(Frozen):
    """How the optimiser learns. The defaults are those of the public code."""

    windows: int = Field(5_000, ge=1)
    """Meta-gradient steps."""
    lives: int = Field(512, ge=1)
    """Agents that live at the same time."""
    updates: int = Field(5, ge=1)
    """Of each agent in a window, through which the gradient goes."""
    pace: float = Field(1e-4, gt=0)
    """Adam's step size."""
    entropy: float = Field(0.05, ge=0)
    foresight: float = Field(0.001, ge=0)
    push: float = Field(0.005, ge=0)
    foresee: float = Field(0.001, ge=0)
    """Weights of what is regularised: entropy of policies and of predictions, size of π̂ and of ŷ."""
    score: Score = "regret"
    """By what levels are replayed. regret: algorithmic regret. positive, l1: value losses. random: a score that says
    nothing. uniform: no replay at all."""
    capacity: int = Field(4_000, ge=1)
    """Levels that are kept."""
    replay: float = Field(0.5, ge=0, le=1)
    """The chance that a new life is lived in a level that was kept."""
    temperature: float = Field(0.3, gt=0)
    staleness: float = Field(0.3, ge=0, le=1)
    """How kept levels are drawn: by rank, and by how long they were not."""


class Examining(Frozen):
    """The examination on grid worlds that nobody trained on."""

    pupils: int = Field(8, ge=1)
    """Agents for each world."""
    schooling: int = Field(250, ge=1)
    """Updates of each."""


class GrooveSettings(Worlds, Agents, MetaTraining, Examining):
    """One trial."""

    seed: int = Field(0, ge=0, lt=2**32)
    learner: Learner = "lpg"
    """lpg: agents that learn as a trained optimiser tells them. untrained: as one that has learned nothing does. a2c:
    by advantage actor-critic."""

    @model_validator(mode="after")
    def _remembers(self) -> GrooveSettings:
        if self.capacity < self.lives:
            raise ValueError("capacity: no fewer levels are kept than lives are lived at a time")
        return self

    @cached_property
    def id(self) -> str:
        """Of everything: what a checkpoint is known by."""
        return content_id("groove", self)
