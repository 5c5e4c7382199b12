"""The plan of an autonomous run: what it may do, and what it may spend."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import BudgetSettings

Action = Literal["search", "study", "harden"]
ACTIONS: tuple[Action, ...] = get_args(Action)


class Activity(Frozen):
    """One thing that may be done, again and again; each time goes on from where the last one stopped."""

    action: Action
    subject: str
    """A domain."""
    plan: dict[str, Any] = Field(default_factory=dict)
    """The plan of the search, study or hardening, without a budget of its own. A hardening's search is that of its
    domain."""
    steps: int = Field(2, ge=1)
    """Of a search: how many steps at a time. Of a hardening: how many each search takes that it makes itself."""
    gpus: int = Field(0, ge=0)
    """That its jobs take, where it is known beforehand."""

    @property
    def arm(self) -> str:
        """What it is called: `search rainbow-skills`."""
        return f"{self.action} {self.subject}"


class AutonomousPlan(Frozen):
    """An autonomous run."""

    activities: tuple[Activity, ...] = Field(min_length=1)
    seed: int = 0
    budget: BudgetSettings = BudgetSettings()
    """Of everything together: searches, studies, and the planner's own calls."""
    gpu_minutes: float | None = Field(None, ge=0)
    """Of jobs; what uses GPUs is not chosen again beyond it."""
    most_choices: int = Field(100_000, ge=1)
    exhausted: float = Field(0.02, ge=0, lt=1)
    """It stops of itself when nothing yields this share of what the best once did."""

    @model_validator(mode="after")
    def _arms_are_distinct(self) -> AutonomousPlan:
        arms = [activity.arm for activity in self.activities]
        if len(set(arms)) < len(arms):
            raise ValueError("an activity is listed twice")
        return self

    @cached_property
    def id(self) -> str:
        return content_id("autonomous", self)


class Costs(Frozen):
    """What was spent."""

    calls: int = 0
    tokens: int = 0
    money: float = 0.0
    seconds: float = 0.0
    gpu_seconds: float = 0.0

    def minus(self, other: Costs) -> Costs:
        """What was spent since `other`; never below zero."""
        mine, its = self.model_dump(), other.model_dump()
        return Costs(**{name: max(0, mine[name] - its[name]) for name in mine})

    def plus(self, other: Costs) -> Costs:
        """The sum of both."""
        mine, its = self.model_dump(), other.model_dump()
        return Costs(**{name: mine[name] + its[name] for name in mine})

    def share(self, budget: BudgetSettings, gpu_minutes: float | None = None) -> float:
        """The largest share that it is of any limit; without limits, of an hour."""
        limits = {
            "calls": budget.calls,
            "tokens": budget.tokens,
            "money": budget.money,
            "seconds": budget.seconds,
            "gpu_seconds": None if gpu_minutes is None else gpu_minutes * 60,
        }
        used = self.model_dump()
        shares = [used[name] / limit for name, limit in limits.items() if limit]
        return max(shares) if shares else self.seconds / 3600

    def exceeded(self, budget: BudgetSettings) -> str:
        """Which limit is used up, in one line; empty: none."""
        used = self.model_dump()
        for name in ("calls", "tokens", "money", "seconds"):
            limit = getattr(budget, name)
            if limit is not None and used[name] >= limit:
                return f"the budget of {limit:g} {name} is used up"
        return ""

    def left(self, budget: BudgetSettings, already: Costs) -> BudgetSettings:
        """The limits of a part that has used `already`, when so much was spent in all: what it has, and all the rest.

        Limits count from a part's beginning, so the rest comes on top. Call only while nothing is `exceeded`.
        """
        whole, part = self.model_dump(), already.model_dump()
        limits = {
            name: None if (limit := getattr(budget, name)) is None else part[name] + limit - whole[name]
            for name in ("calls", "tokens", "money", "seconds")
        }
        return BudgetSettings(**limits)
