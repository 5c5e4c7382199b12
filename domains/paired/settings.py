"""The settings of one training: which method, on which mazes, with which student, for how long."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import content_id
from wunderkammer.domains.paired.teaching import TeachingSettings

if TYPE_CHECKING:
    from wunderkammer.worlds.maze.text import Plan

MethodName = Literal["dr", "plr", "robust-plr", "accel", "sfl", "paired", "paired-stable", "minimax"]

DRIVING: tuple[MethodName, ...] = ("dr", "plr", "robust-plr", "accel", "paired", "paired-stable", "minimax")
"""The methods that choose tracks; the other asks whether a level was solved."""


class TrainingSettings(TeachingSettings):
    """One training. The defaults are those of the papers; presets make everything smaller."""

    method: MethodName = "dr"
    seed: int = Field(0, ge=0, lt=2**32)

    world: Literal["maze", "car"] = "maze"
    """Where it learns. What is said of mazes below holds for them alone, and what is said of cars for those."""
    sight: Literal["picture", "way"] = "picture"
    """car: the student sees pixels, or where the road is after so many metres."""
    pixels: int = Field(32, ge=8, le=96)
    """car: the side of a picture."""
    stack: int = Field(4, ge=1)
    """car: pictures that are seen together."""
    repeat: int = Field(4, ge=1)
    """car: frames that each action lasts; `horizon` counts actions."""

    size: int = Field(13, ge=3, le=101)
    """Rows and columns of a maze."""
    walls: int = Field(60, ge=0)
    """The most walls of a sampled maze; how many is drawn uniformly from none to these."""
    horizon: int = Field(250, ge=1)
    """Steps after which an episode is cut off."""

    levels: str = Field("", pattern=r"^([0-9a-f]{24}\.txt)?$")
    """Mazes that a search found, which come among the sampled ones: the artifact's name. Empty: none."""
    mixed: float = Field(0.5, ge=0, le=1)
    """The share of the sampled levels that are drawn from them."""

    memory: Literal["lstm", "gru"] = "lstm"
    width: int = Field(256, ge=1)
    """Of the student's memory."""
    filters: int = Field(16, ge=1)
    """Of its convolution."""

    envs: int = Field(32, ge=1)
    """Episodes side by side."""
    steps: int = Field(256, ge=1)
    """Of each between two updates."""
    epochs: int = Field(5, ge=1)
    minibatches: int = Field(1, ge=1)
    rate: float = Field(1e-4, gt=0)
    discount: float = Field(0.995, gt=0, le=1)
    trace: float = Field(0.98, ge=0, le=1)
    clip: float = Field(0.2, gt=0)
    entropy: float = Field(1e-3, ge=0)

    updates: int = Field(30_000, ge=1)
    """Each is one batch learned from; batches that are only played to rate levels come on top."""
    equal_steps: int = Field(0, ge=0)
    """Environment steps at which methods are compared besides; 0: as many as `dr` makes in `updates`."""

    replay: float = Field(0.0, ge=0, le=1)
    """Share of the batches that are played in old levels; 0: the method's own (plr 0.5, robust-plr 0.5, accel 0.8)."""
    capacity: int = Field(4_000, ge=1)
    """Levels that the buffer holds."""
    filled: float = Field(0.5, ge=0, le=1)
    """Replay begins when this share of the buffer could be full."""
    staleness: float = Field(0.3, ge=0, le=1)
    """How much of a level's chance is for having waited."""
    temperature: float = Field(0.3, gt=0)
    """Of the ranks; small: nearly always the best."""
    queue: int = Field(1, ge=1)
    """plr, robust-plr, accel: replayed levels that each place plays one after the other, an episode each; 1: one level
    again and again, of which a batch then has as many as places."""
    score: Literal["maxmc", "pvl"] = "maxmc"
    """How a level is rated: the most ever returned minus the value, or the positive advantages."""
    edits: int = Field(20, ge=1)
    """accel: small changes that make a child of a replayed level."""
    empty: bool = False
    """accel: new levels have no walls; complexity comes of edits alone."""

    pool: int = Field(4_000, ge=1)
    """sfl: sampled levels that are tried at once."""
    tries: int = Field(8, ge=1)
    """sfl: rollouts of `steps` in which each of them is tried, an episode after the other. In too few an episode ends
    once at the most, and what is always or never solved cannot be told from what is solved now and then."""
    keep: int = Field(1_000, ge=1)
    """sfl: how many of them, the most learnable, are trained on."""
    refresh: int = Field(50, ge=1)
    """sfl: updates between two such trials."""
    learnable: float = Field(0.5, ge=0, le=1)
    """sfl: share of the episodes that are played in them; the others are sampled."""

    report: int = Field(10, ge=1)
    """Updates between two lines of progress: they are one program's call."""
    test: int = Field(250, ge=1)
    """Updates between two evaluations."""
    held_out: Literal["named", "perfect"] = "named"
    """The suite of hand-made mazes, or perfect mazes of the training's own size, generated."""
    tests: int = Field(200, ge=1)
    """How many perfect mazes."""
    episodes: int = Field(10, ge=1)
    """In each held-out maze."""
    large: int = Field(0, ge=0, le=101)
    """Rows and columns of perfect mazes larger than those of the training, tried once each at the end; 0: none."""
    large_tests: int = Field(20, ge=1)
    """How many of them."""

    @model_validator(mode="after")
    def _fit(self) -> TrainingSettings:
        if self.envs % self.minibatches:
            raise ValueError(f"minibatches: {self.minibatches} do not divide {self.envs} envs")
        for name in ("updates", "test"):
            if getattr(self, name) % self.report:
                raise ValueError(f"{name}: must be a multiple of report ({self.report})")
        if self.queue * self.envs > self.capacity:
            raise ValueError(f"queue: {self.queue} levels for {self.envs} envs are more than the {self.capacity} kept")
        if self.keep > self.pool:
            raise ValueError(f"keep: at most the {self.pool} of the pool")
        if self.world == "car" and (self.method not in DRIVING or self.levels or self.large):
            raise ValueError(f"world: cars are trained by {', '.join(DRIVING)}, in sampled tracks or built ones")
        if self.world == "car" and (self.built or self.ground != "empty"):
            raise ValueError("world: a track is built from nothing, of twelve points; built and ground are for mazes")
        if self.walls > self.size**2 - 2:
            raise ValueError(f"walls: at most {self.size**2 - 2} in a maze of {self.size} × {self.size}")
        if self.built > self.size**2 - 2:
            raise ValueError(f"built: at most {self.size**2 - 2} in a maze of {self.size} × {self.size}")
        if self.large and not self.large % 2:
            raise ValueError(f"large: a perfect maze has odd sides, not {self.large}")
        return self

    def must_fit(self, levels: Mapping[str, Plan]) -> None:
        """Raise `ConfigError` where one of the mazes, by name, is of another size than those it trains in."""
        for name, plan in levels.items():
            if (plan.height, plan.width) != (self.size, self.size):
                raise ConfigError(
                    f"levels: maze {name} is {plan.height} x {plan.width}, and the training is on {self.size} x "
                    f"{self.size}; say --given size={plan.height}, or search with -o size={self.size}"
                )

    @cached_property
    def id(self) -> str:
        """Of everything: what a checkpoint is known by."""
        return content_id("training", self)

    @property
    def large_horizon(self) -> int:
        """Steps after which an episode in a large maze is cut off: as many per cell as in the training."""
        return round(self.horizon * self.large**2 / self.size**2)

    @property
    def compared_at(self) -> int:
        """Environment steps at which methods are compared."""
        return self.equal_steps or self.updates * self.envs * self.steps
