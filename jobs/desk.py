"""What a job's program finds in front of it: arguments, inputs, a checkpoint folder, a place for what it makes.

A module that can be a job has `main(desk: Desk) -> dict | None`; what it returns becomes `result.json` among its
artifacts. Standard library alone: this runs in whatever virtual environment the job asked for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Plain = str | int | float | bool


class Unable(Exception):
    """The job cannot be done, for a reason that one line says; trying again would not help."""


@dataclass(frozen=True)
class Desk:
    """One attempt at one job."""

    job: str
    args: Mapping[str, Plain]
    """The job's, and its places."""
    seed: int
    inputs: Mapping[str, Path]
    """Files by the job's own names for them."""
    after: Mapping[str, Path]
    """Folders of artifacts, by the id of the job that made them."""
    out: Path
    """Everything in here is an artifact once `main` has returned."""
    checkpoint: Path
    """A folder that attempts inherit from one another; empty at the first."""
    progress: Path
    """A file of JSON lines; see `tell`."""
    attempt: int = 1

    def tell(self, step: int, of: int | None = None, words: str = "", **figures: float) -> None:
        """Add a line of progress: a step, out of how many, figures such as `loss`, a few words."""
        line = {"at": time.time(), "step": step, "of": of, "figures": figures, "words": words}
        with self.progress.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
