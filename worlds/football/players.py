"""Policies by name: those that come with the world, bots, and files of the user's own.

A file is safetensors: `0.weights` (features, width), `0.bias`, `1.weights` and so on, relu between the layers, the last
with one number for each action. Half precision will do; it plays in single precision.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football import mlp, observation, outside
from wunderkammer.worlds.football.actions import ACTIONS
from wunderkammer.worlds.football.bots import STRENGTHS, bot
from wunderkammer.worlds.football.outside import Outside
from wunderkammer.worlds.football.policy import Policy

SUFFIX = ".safetensors"
_BOT = re.compile(r"bot-(\d(?:\.\d+)?)")


def named(name: str) -> Policy:
    """A policy for compiled matches: `bot-0.5` of any strength, one of `shipped()`, or a file of weights; `ConfigError`
    lists what there is, or says that it plays from outside."""
    found = anybody(name)
    if isinstance(found, Outside):
        raise ConfigError(f"{name} plays from outside of our programs: it can be tested, and nothing can learn with it")
    return found


def anybody(name: str) -> Policy | Outside:
    """As `named`; or a file `*.onnx`, or a function that an installed package offers (`outside`)."""
    if hit := _BOT.fullmatch(name):
        return bot(float(hit[1]))
    if name in shipped():
        return _of_ours(name)
    if name.endswith(SUFFIX):
        return read(Path(name))
    if stranger := outside.named(name):
        return stranger
    bots = ", ".join(f"bot-{strength:g}" for strength in STRENGTHS)
    raise ConfigError(
        f"unknown player {name!r}; there are: {', '.join(shipped())}, {bots}, FILE{SUFFIX}, "
        f"FILE{outside.SUFFIX}{''.join(f', {name}' for name in outside.installed())}"
    )


def shipped() -> tuple[str, ...]:
    """Names of the policies whose weights come with the world, the weakest first: `5v5-clone`, `5v5-1` and so on."""
    folder = _folder()
    files = [entry.name for entry in folder.iterdir() if entry.name.endswith(SUFFIX)] if folder.is_dir() else []
    return tuple(sorted((name.removesuffix(SUFFIX) for name in files), key=_rank))


def _rank(name: str) -> tuple[str, int]:
    """Clones before what became of them."""
    size, _, rank = name.partition("-")
    return size, int(rank) if rank.isdigit() else 0


def read(file: Path) -> Policy:
    """The policy in a file, named as the file.

    Raises:
        ConfigError: there is none, or its layers do not go from what players of some n against n see to the actions.
    """
    try:
        with safe_open(file, "numpy") as kept:
            arrays = {name: kept.get_tensor(name) for name in kept.keys()}  # noqa: SIM118  (it is no mapping)
    except (OSError, SafetensorError) as fault:
        raise ConfigError(f"{file} holds no policy: {fault}") from fault
    layers = _layers(file, arrays)
    players = observation.players_of(layers[0]["weights"].shape[0])
    if players < 2 or players != int(players):
        raise ConfigError(
            f"{file}: its first layer takes {layers[0]['weights'].shape[0]} features; players of 5 against 5 see "
            f"{observation.features(5)}, of 11 against 11 {observation.features(11)}"
        )
    if layers[-1]["bias"].shape != (ACTIONS,):
        raise ConfigError(
            f"{file}: its last layer gives {layers[-1]['bias'].size} numbers; give one for each action, {ACTIONS}"
        )
    return Policy(file.stem, layers, mlp.play, (), int(players))


def write(layers: Any, file: Path, notes: Mapping[str, str]) -> None:
    """Keep a network in half precision, with notes on how it was made."""
    arrays = {f"{at}.{part}": np.asarray(layer[part], np.float16) for at, layer in enumerate(layers) for part in layer}
    save_file(arrays, file, dict(notes))


@cache
def _of_ours(name: str) -> Policy:
    with resources.as_file(_folder().joinpath(name + SUFFIX)) as file:
        return read(file)._replace(name=name)


def _folder() -> Any:
    return resources.files("wunderkammer.worlds.football").joinpath("weights")


def _layers(file: Path, arrays: Mapping[str, np.ndarray[Any, Any]]) -> list[dict[str, Any]]:
    count = len(arrays) // 2
    wanted = {f"{at}.{part}" for at in range(count) for part in ("weights", "bias")}
    if not count or set(arrays) != wanted:
        raise ConfigError(
            f"{file} holds {', '.join(sorted(arrays)) or 'nothing'}; name the layers 0.weights, 0.bias, 1.weights …"
        )
    layers = [{part: arrays[f"{at}.{part}"].astype(np.float32) for part in ("weights", "bias")} for at in range(count)]
    entering: int | None = None
    for at, layer in enumerate(layers):
        shape = layer["weights"].shape
        if len(shape) != 2 or (entering is not None and shape[0] != entering) or layer["bias"].shape != shape[1:]:
            raise ConfigError(
                f"{file}: {at}.weights is of shape {shape}, which does not fit its bias or the layer before"
            )
        if not all(np.isfinite(part).all() for part in layer.values()):
            raise ConfigError(f"{file}: layer {at} holds numbers that are not finite")
        entering = shape[1]
    return layers
