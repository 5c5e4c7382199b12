"""The settings of one trial: where its data come from, what is made of them, and who learns from which."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id

WorldName = Literal["pendulum"]
Source = Literal["subset", "full"]
Diet = Literal["synther", "subset", "noise", "synthetic", "full", "full-synthetic", "lived", "lived-synther"]
MADE_OF: dict[Diet, Source] = {"synther": "subset", "synthetic": "subset", "full-synthetic": "full"}
"""What the rows are made of, for the diets that need any made."""
REPLAY, MADE, CLOUDS = "replay.npz", "made.npz", "clouds.svg"
"""Among the artifacts of jobs: what was collected; what was made; a picture of both."""


class Collecting(Frozen):
    """How the data came about: a soft actor-critic learns, and everything it saw is kept."""

    seed: int = Field(0, ge=0, lt=2**32)
    world: WorldName = "pendulum"
    collected: int = Field(10_000, ge=200)
    """Steps in the world."""
    explored: int = Field(1_000, ge=1)
    """The first of them, with random actions."""
    collector: int = Field(128, ge=1)
    """Width of its two hidden layers."""


class Drawing(Frozen):
    """Which of the data are there to learn from."""

    share: float = Field(0.05, gt=0, le=1)
    """Of all rows: the subset, drawn by the seed."""


class Generating(Frozen):
    """How rows are made of rows. The defaults are those of Lu et al. 2023, but for `made`."""

    made: int = Field(100_000, ge=1)
    """Rows."""
    width: int = Field(2048, ge=1)
    layers: int = Field(6, ge=1)
    steps: int = Field(100_000, ge=1)
    """Of the generator's training."""
    batch: int = Field(0, ge=0)
    """Rows of a step; 0: the paper's, 256, and 1,024 from 800,000 rows on."""
    rate: float = Field(3e-4, gt=0)
    heun: int = Field(128, ge=2)
    """Steps of the sampler, two evaluations each."""


class Upsampling(Generating):
    """More of somebody's rows."""

    seed: int = Field(0, ge=0, lt=2**32)
    held: float = Field(0.05, ge=0, lt=1)
    """The share that is not learned from: made rows are held against it, to tell whether they are copies."""
    world: WorldName | Literal[""] = ""
    """The world that the rows come from, where it is one of ours: made rows are tried in it."""


class Making(Drawing, Generating):
    """What is made for a trial, and what it is held against."""

    noise: float = Field(0.05, ge=0)
    """Deviation of the Gaussian noise that the diet `noise` adds to copies, in deviations of the subset's columns."""


class Practising(Frozen):
    """Who learns, from what, for how long."""

    diet: Diet = "synther"
    """synther: the subset and rows made of it. subset: it alone. noise: it and as many noisy copies. synthetic: made
    rows alone. full: all that was collected. full-synthetic: rows made of all that, alone. lived and
    lived-synther are no data set: a soft actor-critic learns while it lives, from what it sees, or half of that and
    half of rows made of it."""
    learner: Literal["td3bc", "iql"] = "td3bc"
    hidden: int = Field(256, ge=1)
    """Width of its two hidden layers."""
    updates: int = Field(100_000, ge=1)
    lessons: int = Field(256, ge=1)
    """Rows of an update."""
    starts: int = Field(256, ge=2)
    """Episodes of an examination, from starts that are the same for everybody."""


class Living(Frozen):
    """How the learner that lives does so: diets `lived` and `lived-synther`."""

    ratio: int = Field(20, ge=1)
    """Updates for each step in the world."""
    lifetime: int = Field(5_000, ge=2)
    """Steps in the world."""
    dawn: int = Field(500, ge=1)
    """The first of them, with random actions and no updates."""
    renewed: int = Field(500, ge=1)
    """Steps between two generators, each learned from nothing on all that was seen; and between two examinations."""


class SyntherSettings(Collecting, Making, Practising, Living):
    """One trial."""

    @model_validator(mode="after")
    def _leaves_some(self) -> SyntherSettings:
        if self.share * self.collected < 2:
            raise ValueError(f"share: {self.share:g} of {self.collected} rows leaves fewer than two")
        return self

    @property
    def lives(self) -> bool:
        """Whether it learns while it lives, and not from a data set."""
        return self.diet in ("lived", "lived-synther")

    @cached_property
    def id(self) -> str:
        """Of everything: what a checkpoint is known by."""
        return content_id("synther", self)
