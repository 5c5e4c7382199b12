"""Ways to choose the levels that a student learns in: one file each, found by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast, runtime_checkable

from wunderkammer.domains.paired.settings import MethodName

if TYPE_CHECKING:  # a list of methods is wanted where there is no JAX
    import jax

    from wunderkammer.domains.paired.school import School
    from wunderkammer.learners.encoder import Params
    from wunderkammer.learners.ppo import Figures

S = TypeVar("S")
"""The state of a training: a pytree of arrays, all that a checkpoint keeps. No keys: they follow from seed and turn."""


class Method(Protocol[S]):
    """A way to train a student; pure, made to be jitted and scanned."""

    def init(self, key: jax.Array) -> S:
        """Before the first update."""
        ...

    def update(self, key: jax.Array, state: S, turn: jax.Array) -> tuple[S, Figures]:
        """Learn from one batch, after whatever has to be played to choose its levels.

        turn: () int32, updates before this one. What happens when is decided by it alone, never by what was learned,
        so that the cost of a training is known beforehand. The figures are scalars, the same names every time.
        """
        ...

    def cost(self, turn: int) -> int:
        """Environment steps that update `turn` takes, all students and all trials counted."""
        ...

    def student(self, state: S) -> Params:
        """The weights that are evaluated, of `School.network`."""
        ...

    def levels(self, state: S) -> Any:
        """The levels that were learned in last, along a first axis."""
        ...


@runtime_checkable
class Teaches(Protocol):
    """A method whose levels are built by a teacher that learns."""

    def teacher(self, state: Any) -> Params:
        """The teacher's weights, of `methods.design.network_of`."""
        ...


METHODS: Mapping[MethodName, tuple[str, str]] = {
    "dr": ("dr", "domain_randomisation"),
    "plr": ("plr", "prioritised_replay"),
    "robust-plr": ("plr", "robust_replay"),
    "accel": ("accel", "accel"),
    "sfl": ("sfl", "learnability"),
    "paired": ("paired", "paired"),
    "paired-stable": ("paired", "paired"),
    "minimax": ("minimax", "minimax"),
}
"""Of each method the module in this folder, and the function there that makes it of a `School`."""


def method(school: School) -> Method[Any]:
    """The method that the school's settings name."""
    module, name = METHODS[school.settings.method]
    make = cast("Callable[[School], Method[Any]]", getattr(import_module(f"{__name__}.{module}"), name))
    return make(school)
