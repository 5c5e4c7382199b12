"""A trained student, as a training leaves it, ready to be played with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import jax

from wunderkammer.domains.paired.kept import settings_in
from wunderkammer.domains.paired.school import school_of
from wunderkammer.learners import weights
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.networks import Network
from wunderkammer.worlds.world import World


class Graduate(NamedTuple):
    """A student that learns no more, and the world as it sees it."""

    world: World[Any, Any]
    network: Network
    params: Params


def graduate(file: Path) -> Graduate:
    """The student that a training left.

    Raises:
        ConfigError: there is no such file, or it holds something else.
    """
    school = school_of(settings_in(file, "does not say what student it holds; a training leaves one that does"))
    like = jax.eval_shape(lambda: school.student(jax.random.key(0)).params)
    return Graduate(school.world, school.network, weights.read(file, like))
