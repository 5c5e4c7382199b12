"""Policies that no compiled match can hold: a function of somebody's package, or a network of another library.

They are asked step by step, for all matches at once, between two compiled halves of a step (`hosted`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError

SUFFIX = ".onnx"
PLAYERS = "wunderkammer.players"
"""Entry points of functions that play: what is installed is the user's word, and no text of a model can add to it."""

Answers: TypeAlias = Callable[[NDArray[np.float32], NDArray[np.float32]], Any]
"""(observation (matches, players, features), luck (matches, players) uniform in [0, 1)) to actions (matches, players).
Players of one match are of one side, which sees itself as attacking to the right."""


class Outside(NamedTuple):
    """Somebody who plays without a memory, and draws by the luck that is given."""

    name: str
    answers: Answers
    features: int = 0
    """The number that it is made for; 0: it does not say."""
    actions: int = 0
    """The number that it chooses among; 0: it does not say."""


class Gone(ConfigError):
    """A policy from outside failed while it was asked."""


def installed(group: str = PLAYERS) -> dict[str, EntryPoint]:
    """What distributions of this environment offer, by name."""
    return {point.name: point for point in entry_points(group=group)}


def of_package(point: EntryPoint) -> Outside:
    """The function that an entry point names: of the observation alone, or of the observation and the luck.

    Raises:
        ConfigError: it cannot be imported, or is no such function.
    """
    function = loaded(point)
    try:
        taken = inspect.signature(function).parameters.values()
    except (TypeError, ValueError) as fault:
        raise ConfigError(f"player {point.name}: {point.value} is no function of an observation") from fault
    places = [one for one in taken if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    needed = [one for one in places if one.default is one.empty]
    if not places or len(needed) > 2:
        raise ConfigError(f"player {point.name}: {point.value} must take an observation, and luck where it draws")
    if len(needed) == 2 or (len(places) > 1 and places[1].name == "luck"):
        return Outside(point.name, function)
    return Outside(point.name, lambda observation, _: function(observation))


def loaded(point: EntryPoint) -> Any:
    """What an entry point names; `ConfigError` where that is nothing."""
    try:
        return point.load()
    except (ImportError, AttributeError) as fault:
        raise ConfigError(f"{point.name}: {point.value} of {point.group} cannot be imported: {fault}") from fault


def named(name: str) -> Outside | None:
    """A file `*.onnx`, or the entry point of this name; None where it is neither."""
    if name.endswith(SUFFIX):
        from wunderkammer.worlds.football.onnx_file import read

        return read(Path(name))
    point = installed().get(name)
    return of_package(point) if point else None


def ask(
    policy: Outside, observation: NDArray[np.float32], luck: NDArray[np.float32], actions: int
) -> NDArray[np.int32]:
    """int32 (matches, players); -1 where its action is none: NaN, a fraction, or none of `actions`.

    Raises:
        Gone: it raised something.
        ConfigError: its answer has another shape, or is no number.
    """
    try:
        answer = np.asarray(policy.answers(observation, luck))
    except Exception as fault:  # a stranger's code may raise anything: it is told by name, and ends the run
        line = (str(fault).splitlines() or [""])[0]
        raise Gone(f"{policy.name} failed on what its players saw: {type(fault).__name__}: {line}") from fault
    if answer.shape != luck.shape:
        raise ConfigError(
            f"{policy.name} gives actions of shape {answer.shape} for {luck.shape[0]} matches of {luck.shape[1]} "
            f"players; give {luck.shape}"
        )
    if answer.dtype.kind not in "iufb":
        raise ConfigError(f"{policy.name} gives actions of kind {answer.dtype}; give whole numbers")
    found = answer.astype(np.float64)
    real = (found >= 0) & (found < actions) & (found == np.floor(found))  # NaN is not equal to itself
    return np.where(real, found, -1).astype(np.int32)


def check(policy: Outside, players: int, features: int, actions: int) -> None:
    """Whether somebody can answer what so many players of a side see; before any match.

    Raises:
        ConfigError: it cannot, in one line.
    """
    for what, own, wanted in (("features", policy.features, features), ("actions", policy.actions, actions)):
        if own not in (0, wanted):
            raise ConfigError(f"{policy.name} is made for {own} {what}, and this football has {wanted}")
    try:
        ask(policy, np.zeros((2, players, features), np.float32), np.full((2, players), 0.5, np.float32), actions)
    except Gone as fault:
        raise ConfigError(f"{policy.name} cannot act on what {players} players see ({features} features): "
                          f"{fault.__cause__}") from fault  # fmt: skip


def drawn(preferences: NDArray[np.floating[Any]], luck: NDArray[np.float32]) -> NDArray[np.int32]:
    """By logits (..., actions), one uniform number each; -1 where one is NaN."""
    with np.errstate(invalid="ignore"):
        chances = np.exp(preferences - preferences.max(-1, keepdims=True))
        upto = chances.cumsum(-1, dtype=np.float32)
        chosen = (upto < luck[..., None] * upto[..., -1:]).sum(-1)
    return np.where(np.isnan(upto[..., -1]), -1, np.minimum(chosen, preferences.shape[-1] - 1)).astype(np.int32)
