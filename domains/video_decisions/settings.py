"""The settings of one trial: which role a video model plays, how large it is, and what it learns from."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id
from wunderkammer.worlds.toys.words import KINDS, Kind

Role = Literal["compute", "plan", "act", "simulate"]
Library = Literal["tasks", "toys"]
"""What a model learns: computations, or a room of toys."""


class Modelling(Frozen):
    """Sizes of the model, and how long it learns."""

    seed: int = Field(0, ge=0, lt=2**32)
    width: int = Field(64, ge=8)
    layers: int = Field(2, ge=1)
    steps: int = Field(1_200, ge=1)
    batch: int = Field(24, ge=1)
    """Pages of a step."""
    rate: float = Field(3e-3, gt=0)


class Computing(Frozen):
    """Role `compute`: mazes, automata, edges, sorting."""

    way: Literal["chain", "once"] = "chain"
    """chain: frame after frame, as a solver would go. once: from the first frame to the answer, with as many rounds of
    sampling as the chain has frames. Both learn from as many pairs of frames."""
    side: int = Field(7, ge=3)
    """Cells of a side; odd."""
    chains: int = Field(400, ge=8)
    """Of each task to learn from."""

    @model_validator(mode="after")
    def _is_odd(self) -> Computing:
        if self.side % 2 == 0:
            raise ValueError(f"side: {self.side} is even; a maze has rooms at every second cell and walls between")
        return self


class Examining(Frozen):
    """How much is asked in the end."""

    exams: int = Field(64, ge=2)
    """Of each task, or levels."""
    larger: int = Field(2, ge=0)
    """Cells by which the sides of a second exam are longer, for `compute`."""


class Watching(Frozen):
    """Roles in the room of toys: what the film shows."""

    room: int = Field(5, ge=3, le=12)
    """Cells of a side."""
    goals: Literal["two", "all"] = "two"
    """two: the robot is at a toy, a toy is beside another. all: above and left of another, too."""
    demonstrations: int = Field(6_000, ge=2)
    """Episodes of an expert, each with the sentence that it makes true; none names a combination that is held out."""
    plays: int = Field(1_000, ge=0)
    """Episodes of random actions in rooms of any toys, each frame with what the robot does."""
    prompted: bool = False
    """Demonstrations are learned from as prompts, too: a quarter of all steps. `act` needs it."""


class Planning(Frozen):
    """Roles `plan` and `act`."""

    learner: Literal["planner", "cloning"] = "planner"
    """planner: frames are foreseen and actions read off them. cloning: the same trunk on the same pages, for actions
    alone."""
    clone_rate: float = Field(1e-3, gt=0)
    """What `rate` is to the video model. With 3e-3 nothing was cloned."""
    rounds: int = Field(3, ge=1)
    """Of sampling a frame: all but the two least sure cells in the first, then one in each."""
    again: int = Field(4, ge=1)
    """Actions after which a plan is made anew from what is seen."""
    reader_steps: int = Field(400, ge=1)
    """Of the learning of inverse dynamics."""


class Simulating(Frozen):
    """Role `simulate`: PPO, and where it learns."""

    place: Literal["inside", "outside"] = "inside"
    """The video model, or the world itself."""
    updates: int = Field(150, ge=1)
    together: int = Field(32, ge=2)
    """Episodes side by side."""
    stride: int = Field(16, ge=1)
    """Steps of each between two updates."""


class VideoSettings(Modelling, Computing, Examining, Watching, Planning, Simulating):
    """One trial."""

    role: Role = "compute"

    @cached_property
    def id(self) -> str:
        """Of everything: what a checkpoint is known by."""
        return content_id("video", self)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Of goals."""
        return KINDS if self.goals == "all" else ("reach", "beside")

    @property
    def library(self) -> Library:
        return "tasks" if self.role == "compute" else "toys"
