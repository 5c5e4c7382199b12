"""Replay files of other houses: `.npz` and HDF5 as D4RL has them, HDF5 as Minari has it; read and written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners import experience
from wunderkammer.learners.experience import D4RL, Transitions, checked, joined

HDF5 = (".hdf5", ".h5")
SUFFIXES = (".npz", *HDF5)
MINARI = "data/main_data.hdf5"
"""Where a Minari data set keeps its episodes."""
OPTIONAL = "next_observations"


def read(file: Path) -> Transitions:
    """The transitions of a file, or of a Minari data set's folder.

    Raises:
        ConfigError: it is none, or what it holds makes no transitions.
    """
    if file.is_dir() and (file / MINARI).is_file():
        file = file / MINARI
    kind = _kind(file)
    return experience.read(file) if kind == ".npz" else _hdf5(file)


def write(found: Transitions, file: Path) -> None:
    """Keep transitions; the name's ending says how: `.npz`, or `.hdf5` as D4RL has it."""
    if _kind(file) == ".npz":
        experience.write(found, file)
        return
    h5py = library()
    with h5py.File(file, "w") as kept:
        for name, column in zip(D4RL, found, strict=True):
            kept.create_dataset(name, data=np.asarray(column), compression="gzip")


def _kind(file: Path) -> str:
    if file.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"{file}: transitions are kept in files that end in {', '.join(SUFFIXES)}")
    return file.suffix.lower()


def library() -> Any:
    """h5py; `ConfigError` where it is not installed."""
    try:
        import h5py
    except ModuleNotFoundError:
        raise ConfigError("HDF5 needs h5py: pip install h5py, or use .npz") from None
    return h5py


def _hdf5(file: Path) -> Transitions:
    h5py = library()
    try:
        with h5py.File(file, "r") as kept:
            episodes = sorted(name for name in kept if name.startswith("episode_"))
            if episodes:
                return checked(joined(*(_episode(kept[name], f"{file}: {name}") for name in episodes)), str(file))
            return checked(
                _flat(lambda name: np.asarray(kept[name][:], np.float32) if name in kept else None, file), str(file)
            )
    except (OSError, KeyError, AttributeError, TypeError, ValueError) as fault:
        raise ConfigError(f"{file} holds no transitions: {fault}") from fault


def _flat(column: Callable[[str], Any], file: Path) -> Transitions:
    """D4RL: columns as long as each other. Where the next observations are not there, each is the row after it, and
    rows that an episode ends at without a terminal (`timeouts`, and the last) have none and are left out."""
    found = {name: column(name) for name in D4RL}
    lacking = [name for name, one in found.items() if name != OPTIONAL and one is None]
    if lacking:
        raise ConfigError(f"{file} has no array {', '.join(lacking)}; transitions are {', '.join(D4RL)}")
    observation, action, reward, after, terminal = found.values()
    if after is not None:
        return Transitions(observation, action, reward, after, terminal)
    cut = column("timeouts")
    known = np.ones(len(reward), bool) if cut is None else (cut == 0) | (terminal > 0)
    known[-1] &= terminal[-1] > 0
    return Transitions(observation, action, reward, np.roll(observation, -1, axis=0), terminal).at(
        np.flatnonzero(known)
    )


def _episode(kept: Any, where: str) -> Transitions:
    """Minari: one observation more than there are actions."""
    lacking = [name for name in ("observations", "actions", "rewards", "terminations") if name not in kept]
    if lacking:
        raise ConfigError(f"{where} has no {', '.join(lacking)}")
    if not all(hasattr(kept[name], "shape") for name in ("observations", "actions")):
        raise ConfigError(f"{where}: observations and actions of several parts are not read; flatten them first")
    seen = np.asarray(kept["observations"][:], np.float32)
    action = np.asarray(kept["actions"][:], np.float32)
    action = action.reshape(len(action), -1)
    reward, terminal = (np.asarray(kept[name][:], np.float32) for name in ("rewards", "terminations"))
    return Transitions(seen[:-1], action, reward, seen[1:], terminal)
