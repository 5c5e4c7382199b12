"""The observers there are, by the name that one types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.spelling import instead
from wunderkammer.memory.openendedness.compressor import Compressor
from wunderkammer.memory.openendedness.echo import Echo
from wunderkammer.memory.openendedness.kernel import Kernel
from wunderkammer.memory.openendedness.linear import Linear
from wunderkammer.memory.openendedness.observer import Observer

OBSERVERS: Final[Mapping[str, Callable[[], Observer]]] = {
    "compressor": Compressor,
    "linear": Linear,
    "echo": Echo,
    "kernel": Kernel,
}
"""Those that need no model. `compressor` reads texts, the others embeddings; `language` comes with a model."""

DEFAULT: Final = ("compressor", "linear")
"""One without embeddings and one with: the two that classify all control systems (docs/open-endedness.md)."""


def observer(name: str) -> Observer:
    """The observer of a name; `ConfigError` lists them."""
    if name not in OBSERVERS:
        raise ConfigError(f"no observer {name!r}{instead(name, [*OBSERVERS, 'language'])}")
    return OBSERVERS[name]()


def sees_vectors(one: Observer) -> bool:
    """Whether it needs embeddings."""
    return isinstance(one, (Kernel, Linear, Echo))
