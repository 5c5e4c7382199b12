"""A training on disk: one file of tensors and notes, there whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.whole import drafted

FILE = "training.safetensors"


class Kept(NamedTuple):
    """What was kept."""

    tensors: dict[str, Tensor]
    notes: dict[str, Any]


class Keeping:
    """The latest state of one training, in a folder of its own.

    preset: a hash of all that decides what is computed; another's file is refused with both hashes.
    """

    def __init__(self, folder: Path, preset: str) -> None:
        self.folder, self.preset = folder, preset
        folder.mkdir(parents=True, exist_ok=True)

    def save(self, tensors: Mapping[str, Tensor], notes: Mapping[str, Any]) -> None:
        """Keep this in place of what was kept before."""
        said = {"preset": self.preset, "notes": json.dumps(notes)}
        with drafted(self.folder / FILE) as draft:
            save_file({name: value.detach().cpu().contiguous() for name, value in tensors.items()}, draft, said)
            with draft.open("rb") as written:
                os.fsync(written.fileno())

    def latest(self) -> Kept | None:
        """What was kept last, or None.

        Raises:
            ConfigError: it is of another preset, or damaged.
        """
        file = self.folder / FILE
        if not file.is_file():
            return None
        try:
            with safe_open(file, "pt") as opened:
                said = opened.metadata() or {}
                if said.get("preset") != self.preset:
                    raise ConfigError(
                        f"the checkpoint in {self.folder} is of preset {said.get('preset')}, and this training is of "
                        f"preset {self.preset}; take the settings it was made with, or another folder"
                    )
                tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118  no mapping
        except (OSError, SafetensorError) as fault:
            raise ConfigError(f"{file} is no checkpoint: {fault}") from None
        return Kept(tensors, json.loads(said["notes"]))
