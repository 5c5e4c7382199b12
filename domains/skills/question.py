"""The genome: a problem, a manner, and the words in which the one is put in the other."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wunderkammer.core.contract import Frozen
from wunderkammer.domains.skills.manners import MannerName
from wunderkammer.domains.skills.problem import Skill
from wunderkammer.domains.skills.tasks import AnyProblem


class SkillQuestion(Frozen):
    """A question to the target whose right answer follows from its parameters."""

    problem: AnyProblem
    """The skill and its parameters, from which answer and difficulty are computed."""
    manner: MannerName
    wording: str = Field(min_length=1, max_length=1500)
    """What is sent."""
    variant: int = Field(0, ge=0, lt=2**32)
    """Seed of the grammar where code worded it: a child may put its own problem in the same frame."""
    by: Literal["code", "model", "seed"] = "code"
    """Who worded it."""

    @property
    def skill(self) -> Skill:
        """First half of the cell."""
        return self.problem.skill

    @property
    def difficulty(self) -> float:
        """In [0, 1], by the scale of `problem`."""
        return self.problem.difficulty
