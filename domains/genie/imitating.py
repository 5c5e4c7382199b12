"""What an experiment of imitation is: its settings, and its job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.work import Job, Resources
from wunderkammer.domains.genie.origin import weights_of
from wunderkammer.domains.genie.study import ENVIRONMENT

MODULE = "wunderkammer.apps.studies.genie_imitation"


class ImitationOptions(Frozen):
    """What is watched, learned and asked."""

    labelled: int = Field(200, ge=1)
    """Frames of the expert whose true action is known."""
    watched: int = Field(64, ge=1)
    """Games of the expert at once, `steps` frames of each."""
    steps: int = Field(256, ge=2)
    updates: int = Field(400, ge=1)
    batch: int = Field(128, ge=1)
    rate: float = Field(1e-3, gt=0)
    width: int = Field(32, ge=4)
    """Channels of the policy."""
    levels: int = Field(128, ge=8)
    """Games of the examination: the first episode of each counts."""
    horizon: int = Field(300, ge=1)
    """Steps after which an episode that is not over counts as lost."""
    seeds: int = Field(3, ge=1)
    """How many policies learn in each way."""
    seed: int = Field(0, ge=0)
    """Of the first of them."""


def imitation_job(world: Path, game: str, options: ImitationOptions, python: Path | None = None) -> Job:
    """An experiment as a job. Options at their defaults are no arguments.

    python: the interpreter that has the game, where ours has not.

    Raises:
        ConfigError: the folder holds no world.
    """
    args: dict[str, Any] = options.model_dump(exclude_defaults=True)
    interpreter = {"python": str(python)} if python is not None else {}
    return Job(
        module=MODULE,
        args=args | {"weights": weights_of(world), "game": game},
        places={"world": str(world), **interpreter},
        seed=0,
        title=f"imitation in {game} with {world.name}",
        needs=Resources(cores=1, memory_gib=2.0),
        environment=ENVIRONMENT,
    )
