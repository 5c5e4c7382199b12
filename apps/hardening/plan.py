"""The plan of a hardening: everything that decides its result beside the archives that it begins with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field

from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import content_id
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.settings import BudgetSettings, checked
from wunderkammer.core.spelling import instead
from wunderkammer.core.table import changed, read_table
from wunderkammer.jobs.finetune.recipe import PRESETS as RECIPES
from wunderkammer.jobs.finetune.recipe import Recipe


class LessonPlan(Frozen):
    """How failures become a data set."""

    per_elite: int = Field(6, ge=1, le=64)
    """Lessons asked for from each failing elite: itself first, then near kin where the domain can make some."""
    per_cell: int = Field(2, ge=0, le=1000)
    """Further failing candidates of each archive's cell, one lesson each."""
    most: int = Field(2000, ge=2)
    """Repairs in all; beyond it they are left out evenly over the cells."""
    chat: float = Field(0.2, ge=0, lt=1)
    """Share of the data set that is ordinary conversation in the target's own words."""
    overlap: float = Field(0.8, gt=0, le=1)
    """Share of word 5-grams from which on two texts count as one."""
    watched: int = Field(64, ge=1)
    """Lessons of the held-out archives on which the trainer watches its loss, at most."""


class ExamPlan(Frozen):
    """How a target is examined."""

    samples: int = Field(4, ge=1, le=64)
    """Fresh answers to every held-out elite."""
    benign: int = Field(40, ge=0)
    """Ordinary prompts whose refusals are counted."""
    utility: bool = True
    """Measure perplexity on ordinary text and a question set."""
    travel: bool = True
    """Put each re-attack's elites to the original too, for the transfer matrix."""


class HardenPlan(Frozen):
    """One hardening."""

    runs: tuple[str, ...] = ()
    """Search runs whose archives are learnt from."""
    held_out: tuple[str, ...] = ()
    """Search runs whose archives are never learnt from."""
    attack: int = Field(0, ge=0, le=100)
    """Archives to make first, where there are fewer than this."""
    search: SearchPlan
    """How it attacks, first and again; each time with another seed."""
    rounds: int = Field(1, ge=1, le=100)
    seed: int = 0
    lessons: LessonPlan = LessonPlan()
    training: Recipe = Recipe()
    """How it is tuned."""
    weights: str | None = None
    """What is tuned: a transformers folder, a GGUF file or a hub name. Default: the target's own where it is known."""
    exam: ExamPlan = ExamPlan()
    budget: BudgetSettings = BudgetSettings()

    @cached_property
    def id(self) -> str:
        return content_id("harden", self)


PRESETS: dict[str, dict[str, Any]] = {
    # Does everything run? Seconds beside the training.
    "smoke": {
        "training": RECIPES["smoke"].model_dump(),
        "lessons": {"per_elite": 2, "per_cell": 0, "most": 24},
        "exam": {"samples": 1, "benign": 4, "travel": False},
    },
    # The embedded model on two cores: some minutes of training.
    "cpu": {
        "training": RECIPES["cpu"].model_dump(),
        "lessons": {"per_elite": 4, "per_cell": 0, "most": 320},
        "exam": {"samples": 4, "benign": 40, "travel": False},
    },
    # What one choice of an autonomous run may cost, on two cores.
    "slice": {
        "training": RECIPES["cpu"].model_dump(),
        "lessons": {"per_elite": 4, "per_cell": 0, "most": 128},
        "exam": {"samples": 2, "benign": 16, "travel": False},
    },
    # A served model of a few billion parameters.
    "gpu": {
        "training": RECIPES["gpu"].model_dump(),
        "lessons": {"per_elite": 6, "per_cell": 4, "most": 20000},
        "exam": {"samples": 8, "benign": 80},
    },
}
"""By name, as `--preset` takes them; the rest are the defaults of the classes above."""


def make_harden_plan(preset: str, values: Mapping[str, Any]) -> HardenPlan:
    """A preset (a name, or a TOML file) with values on top; dotted keys reach into tables (`lessons.most`).

    Values that are None count as not given.
    """
    given = {key: value for key, value in values.items() if value is not None}
    return checked(HardenPlan, changed(_preset(preset), given), "plan of the hardening")


def _preset(name: str) -> Mapping[str, Any]:
    if name in PRESETS:
        return PRESETS[name]
    if not name.endswith(".toml"):
        raise ConfigError(f"no preset {name!r}{instead(name, [*PRESETS, 'FILE.toml'])}")
    return read_table(Path(name))
