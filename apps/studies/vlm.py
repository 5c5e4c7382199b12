"""What the jobs of a trial of rewards from pictures have in common: their settings, and the model of the job before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.results import FILE
from wunderkammer.core.settings import checked
from wunderkammer.domains.vlm_rewards.settings import VlmSettings
from wunderkammer.jobs.desk import Desk, Unable

if TYPE_CHECKING:
    from wunderkammer.learners.video.course import Machine
    from wunderkammer.learners.vlm.clip import Clip


@dataclass(frozen=True)
class Trial:
    """A job of a trial."""

    settings: VlmSettings
    machine: Machine
    desk: Desk

    @property
    def checkpoint(self) -> Path:
        return self.desk.checkpoint / "training"

    def clip(self) -> Clip:
        """The model that a job before left; `ConfigError` where none did."""
        from wunderkammer.domains.vlm_rewards.looking import MODEL
        from wunderkammer.learners.vlm.clip import Clip

        return Clip.read(self._left(MODEL), self.machine.device)

    def measured(self) -> dict[str, Any]:
        """What the measurement before found; `ConfigError` where there was none."""
        from wunderkammer.domains.vlm_rewards.measuring import CURVES

        found: dict[str, Any] = json.loads((self._left(CURVES).parent / FILE).read_text("utf-8"))
        return found

    def _left(self, name: str) -> Path:
        found = [folder / name for folder in self.desk.after.values() if (folder / name).exists()]
        if not found:
            raise ConfigError(f"no job before this one left {name}")
        return found[0]


@contextmanager
def begun(desk: Desk) -> Iterator[Trial]:
    """The trial; what is wrong with its settings or files ends the job with one line. Compiled programs are kept in
    HOME/compiled, so that the next seed of the same settings begins at once."""
    try:
        import torch
        import transformers  # noqa: F401
    except ModuleNotFoundError as lacking:
        raise Unable(f"this needs torch and transformers beside JAX ({lacking}): wunder setup vlm") from None
    from wunderkammer.learners.compilation import keep_compiled
    from wunderkammer.learners.video.course import Machine

    torch.set_flush_denormal(True)  # moments that have nearly vanished cost a hundredfold
    keep_compiled(desk.checkpoint.resolve().parents[2] / "compiled")  # HOME/jobs/ID/checkpoint
    machine = Machine("cuda" if torch.cuda.is_available() else "cpu")
    try:
        yield Trial(checked(VlmSettings, {**desk.args, "seed": desk.seed}, "trial"), machine, desk)
    except ConfigError as fault:
        raise Unable(str(fault)) from None
