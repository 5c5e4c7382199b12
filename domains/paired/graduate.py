"""A trained student together with the settings that say what it is, as a file and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import jax

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import checked
from wunderkammer.domains.paired.school import school_of
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.learners import weights
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.networks import Network
from wunderkammer.worlds.world import World

NOTE = "settings"


class Graduate(NamedTuple):
    """A student that learns no more, and the world as it sees it."""

    world: World[Any, Any]
    network: Network
    params: Params


def write(settings: TrainingSettings, params: Params, file: Path) -> None:
    """Keep a student. params: of the network that the settings describe."""
    told = settings.model_dump(mode="json", exclude_defaults=True)
    weights.write(params, file, {NOTE: json.dumps(told, sort_keys=True)})


def graduate(file: Path) -> Graduate:
    """The student that a training left.

    Raises:
        ConfigError: there is no such file, or it holds something else.
    """
    try:
        told = json.loads(weights.notes_of(file)[NOTE])
    except (KeyError, ValueError):
        raise ConfigError(f"{file} does not say what student it holds; a training leaves one that does") from None
    school = school_of(checked(TrainingSettings, told, str(file)))
    like = jax.eval_shape(lambda: school.student(jax.random.key(0)).params)
    return Graduate(school.world, school.network, weights.read(file, like))
