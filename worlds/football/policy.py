"""Whoever plays: a name, parameters, and a pure function from what a side sees to what its players do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import jax

from wunderkammer.worlds.world import Key

Act: TypeAlias = Callable[[Any, Key, jax.Array, Any], tuple[jax.Array, Any]]
"""(parameters, key, observation (n, features) float32, memory) to (actions (n,) int32, memory)."""


class Policy(NamedTuple):
    """A side's players. Policies that share `act` share a compiled match: what tells them apart are `parameters`."""

    name: str
    parameters: Any
    """A pytree of arrays."""
    act: Act
    """Pure; of one match, and vmapped over matches. It sees both sides as attacking to the right."""
    memory0: Any = ()
    """What it remembers before a match: a pytree of arrays, handed from step to step."""
    players: int = 0
    """The number of players that it is made for; 0: any."""
