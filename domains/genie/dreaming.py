"""What an experiment of learning inside a world is: its settings, and its job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.work import Job, Resources
from wunderkammer.domains.genie.origin import weights_of

MODULE = "wunderkammer.apps.studies.genie_dreaming"


class DreamOptions(Frozen):
    """How long is learned, and what is asked."""

    updates: int = Field(300, ge=1)
    """Of each policy."""
    games: int = Field(32, ge=2, multiple_of=2)
    """At once."""
    steps: int = Field(16, ge=1)
    """Of each between two updates."""
    width: int = Field(64, ge=8)
    """Of the policy."""
    horizon: int = Field(48, ge=1)
    """Steps of an episode, in the world as in the true game."""
    rounds: int = Field(1, ge=1)
    """In which the world samples a frame."""
    temperature: float = Field(0.0, ge=0)
    """Of what it samples; 0: the likeliest. What is drawn shows more arrivals that are none."""
    prompts: int = Field(1024, ge=1)
    """Frames of the film, of levels to train on, from which episodes in the world begin."""
    pairs: int = Field(2000, ge=2)
    """Pairs of frames of known reward, by which rewards are learned."""
    judging: int = Field(300, ge=1)
    """Updates of the reward."""
    labelled: int = Field(200, ge=1)
    """Frames by which latent actions are translated."""
    levels: int = Field(128, ge=8)
    """Unseen ones, of the examination: the first episode of each counts."""
    seeds: int = Field(3, ge=1)
    seed: int = Field(0, ge=0)
    """Of the first."""


def dreaming_job(world: Path, videos: Path, recipe: str, options: DreamOptions, python: Path | None = None) -> Job:
    """An experiment as a job; it needs JAX and torch in our own Python. Options at their defaults are no arguments.

    videos: a folder of film, of the game and with its rewards; recipe: the film's. python: the interpreter that has the
    game, where ours has not.

    Raises:
        ConfigError: the folder holds no world.
    """
    args: dict[str, Any] = options.model_dump(exclude_defaults=True)
    interpreter = {"python": str(python)} if python is not None else {}
    return Job(
        module=MODULE,
        args=args | {"weights": weights_of(world), "recipe": recipe},
        places={"world": str(world), "videos": str(videos), **interpreter},
        seed=0,
        version=2,
        title=f"learning inside {world.name}",
        needs=Resources(cores=1, memory_gib=3.0),
    )
