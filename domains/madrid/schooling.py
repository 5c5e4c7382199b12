"""The settings of a school for footballers: whom to imitate, for how long, and how to improve on it."""

from __future__ import annotations

from functools import cached_property

from pydantic import Field, model_validator

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id


class SchoolSettings(Frozen):
    """One side's way from nothing to a target. The defaults take minutes on two cores."""

    seed: int = Field(0, ge=0, lt=2**32)
    players: int = Field(5, ge=2, le=11)
    """Of each side."""
    steps: int = Field(128, ge=1)
    """Of a match."""
    hidden: tuple[int, ...] = (96, 64)
    """Widths of actor and critic."""

    matches: int = Field(120, ge=4)
    """Side by side, each from a level of its own."""
    pool: int = Field(2048, ge=4)
    """Random levels that they are drawn from."""

    teacher: float = Field(0.95, ge=0, le=1)
    """Strength of the bot that is imitated."""
    lessons: int = Field(80, ge=0)
    """Rounds of imitation."""
    lesson_rate: float = Field(2e-3, gt=0)
    lesson_parts: int = Field(64, ge=1)
    """Minibatches of a round."""
    own: float = Field(0.8, ge=0, le=1)
    """The most of its moments in which the pupil itself acts while it is taught; reached after a quarter of them."""
    with_ball: float = Field(8.0, gt=0)
    """How much more a moment with the ball counts."""

    updates: int = Field(160, ge=0)
    """Of self-play."""
    rate: float = Field(1e-3, gt=0)
    epochs: int = Field(3, ge=1)
    minibatches: int = Field(4, ge=1)
    discount: float = Field(0.99, gt=0, le=1)
    trace: float = Field(0.95, ge=0, le=1)
    entropy: float = Field(0.0, ge=0)
    progress: float = Field(1.0, ge=0)
    """What carrying the ball over the whole pitch is worth, in goals; paid as a potential, so that only the way to a
    goal is shown and not another aim."""
    ranks: int = Field(4, ge=1)
    """How many of its stages of self-play are kept, the last among them."""
    report: int = Field(10, ge=1)
    """Rounds or updates between two lines of progress."""
    tests: int = Field(64, ge=1)
    """Levels of the examination, never learned in, with 16 matches each."""

    @model_validator(mode="after")
    def _fit(self) -> SchoolSettings:
        if self.matches % (3 * self.minibatches):
            raise ValueError(f"matches: must be a multiple of 3 × {self.minibatches} minibatches")
        for name in ("lessons", "updates"):
            if getattr(self, name) % self.report:
                raise ValueError(f"{name}: must be a multiple of report ({self.report})")
        if self.updates % self.ranks:
            raise ValueError(f"updates: must be a multiple of ranks ({self.ranks})")
        return self

    @cached_property
    def id(self) -> str:
        """Of everything: what a checkpoint is known by."""
        return content_id("school", self)
