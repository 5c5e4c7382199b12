"""A training on disk, whole: weights, optimiser, buffers and counters, as if it was never interrupted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

import jax
import orbax.checkpoint as ocp

from wunderkammer.core.errors import ConfigError

S = TypeVar("S")
PRESET = "preset.json"


class Found(NamedTuple):
    """What was saved."""

    turn: int
    """Updates that were made before."""
    state: Any
    notes: Mapping[str, Any]
    """What was saved beside the arrays, as JSON."""


class Checkpoints:
    """The checkpoints of one training in a folder of their own, the two latest of them.

    preset: a hash of all settings that decide what is computed. A folder that another preset has written to is refused
    with both hashes: its arrays might fit, and would mean something else.
    """

    def __init__(self, folder: Path, preset: str, *, keep: int = 2) -> None:
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        mark = folder / PRESET
        if mark.exists():
            found = json.loads(mark.read_text("utf-8"))["preset"]
            if found != preset:
                raise ConfigError(
                    f"the checkpoint in {folder} is of preset {found}, and this training is of preset {preset}; "
                    "take the settings it was made with, or another folder"
                )
        else:
            mark.write_text(json.dumps({"preset": preset}), "utf-8")
        options = ocp.CheckpointManagerOptions(max_to_keep=keep, enable_async_checkpointing=False)
        self._manager = ocp.CheckpointManager(folder, options=options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._manager.close()

    def save(self, turn: int, state: Any, notes: Mapping[str, Any]) -> None:
        """Keep a state after so many updates; it is there whole, or not at all. A turn that is there stays."""
        if turn not in self._manager.all_steps():
            parts = ocp.args.Composite(state=ocp.args.StandardSave(state), notes=ocp.args.JsonSave(dict(notes)))
            self._manager.save(turn, args=parts)

    def latest(self, like: S) -> Found | None:
        """The latest that was kept, or None. like: a state of the same structure, or the shapes of one."""
        turn = self._manager.latest_step()
        if turn is None:
            return None
        shapes = jax.tree.map(ocp.utils.to_shape_dtype_struct, like)
        parts = ocp.args.Composite(state=ocp.args.StandardRestore(shapes), notes=ocp.args.JsonRestore())
        found = self._manager.restore(turn, args=parts)
        return Found(turn, found["state"], found["notes"])
