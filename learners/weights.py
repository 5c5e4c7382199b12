"""Weights in a file that anything can read: safetensors, one array per place in the pytree."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import jax
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from wunderkammer.core.errors import ConfigError

P = TypeVar("P")


def write(params: object, file: Path, notes: Mapping[str, str] | None = None) -> None:
    """Keep a pytree of arrays, and notes on them."""
    leaves = jax.tree_util.tree_leaves_with_path(params)
    save_file({jax.tree_util.keystr(path): np.asarray(leaf) for path, leaf in leaves}, file, dict(notes or {}))


def notes_of(file: Path) -> dict[str, str]:
    """What was noted beside the weights.

    Raises:
        ConfigError: there is no such file, or it holds no weights.
    """
    try:
        with safe_open(file, "numpy") as kept:
            return dict(kept.metadata() or {})
    except (OSError, SafetensorError) as fault:
        raise ConfigError(f"{file} holds no weights: {fault}") from fault


def read(file: Path, like: P) -> P:
    """The pytree that was kept. like: one of the same structure, or its shapes.

    Raises:
        ConfigError: the file is of another network.
    """
    kept = load_file(file)
    paths, structure = jax.tree_util.tree_flatten_with_path(like)
    names = [jax.tree_util.keystr(path) for path, _ in paths]
    wanted = {name: tuple(leaf.shape) for name, (_, leaf) in zip(names, paths, strict=True)}
    if wanted != {name: array.shape for name, array in kept.items()}:
        raise ConfigError(f"{file} holds the weights of another network; take the settings it was trained with")
    return jax.tree.unflatten(structure, [jax.numpy.asarray(kept[name]) for name in names])
