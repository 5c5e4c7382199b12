"""What is only there with the worlds extra installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from wunderkammer.core.errors import ConfigError


def with_jax(module: str) -> Any:
    """A module of ours that needs JAX; `ConfigError` says what to install."""
    try:
        return import_module(module)
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("wunderkammer"):
            raise
        raise ConfigError(
            'environments are played with JAX, which is not installed: pip install "wunderkammer[worlds]"'
        ) from missing
