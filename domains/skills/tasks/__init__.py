"""The ten skills: one file each, all of them kinds of `Problem`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wunderkammer.domains.skills.problem import Problem, Skill
from wunderkammer.domains.skills.tasks.arithmetic import Arithmetic
from wunderkammer.domains.skills.tasks.comparison import Comparison
from wunderkammer.domains.skills.tasks.dates import Dates
from wunderkammer.domains.skills.tasks.edits import StringEdits
from wunderkammer.domains.skills.tasks.letters import CountingLetters
from wunderkammer.domains.skills.tasks.logic import Logic
from wunderkammer.domains.skills.tasks.sequences import Sequences
from wunderkammer.domains.skills.tasks.sorting import Sorting
from wunderkammer.domains.skills.tasks.space import SpatialSteps
from wunderkammer.domains.skills.tasks.units import UnitConversion

AnyProblem = Annotated[
    Arithmetic
    | Dates
    | UnitConversion
    | CountingLetters
    | Sorting
    | Logic
    | SpatialSteps
    | StringEdits
    | Comparison
    | Sequences,
    Field(discriminator="skill"),
]
"""A problem of any skill, told apart by its field `skill`."""

SKILLS: dict[Skill, type[Problem]] = {
    "arithmetic": Arithmetic,
    "dates": Dates,
    "unit conversion": UnitConversion,
    "counting letters": CountingLetters,
    "sorting": Sorting,
    "logic": Logic,
    "spatial steps": SpatialSteps,
    "string edits": StringEdits,
    "comparison": Comparison,
    "sequences": Sequences,
}

__all__ = ["SKILLS", "AnyProblem"]
