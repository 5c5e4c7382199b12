"""What the jobs of a trial with video models have in common: their settings, and the model of the job before them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import checked
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.jobs.desk import Desk, Unable

if TYPE_CHECKING:
    from wunderkammer.learners.video.course import Machine
    from wunderkammer.learners.video.narrated import Narrated


@dataclass(frozen=True)
class Trial:
    """A job of a trial."""

    settings: VideoSettings
    desk: Desk

    @property
    def checkpoint(self) -> Path:
        return self.desk.checkpoint / "training"

    @property
    def machine(self) -> Machine:
        """A GPU where there is one."""
        import torch

        from wunderkammer.learners.video.course import Machine

        torch.set_flush_denormal(True)  # moments that have nearly vanished cost a hundredfold
        return Machine("cuda" if torch.cuda.is_available() else "cpu")

    def model(self) -> Narrated:
        """What the job before learned; `ConfigError` where none did."""
        from wunderkammer.domains.video_decisions.learning import VIDEO
        from wunderkammer.learners.video.narrated import Narrated

        found = [folder / VIDEO for folder in self.desk.after.values() if (folder / VIDEO).is_dir()]
        if not found:
            raise ConfigError("no job before this one left a video model")
        model: Narrated = Narrated.load(found[0]).to(self.machine.device)
        return model


@contextmanager
def begun(desk: Desk) -> Iterator[Trial]:
    """The trial; what is wrong with its settings or files ends the job with one line. Compiled programs of the room of
    toys are kept in HOME/compiled."""
    try:
        settings = checked(VideoSettings, {**desk.args, "seed": desk.seed}, "trial")
        if settings.library == "toys":
            from wunderkammer.learners.compilation import keep_compiled

            keep_compiled(desk.checkpoint.resolve().parents[2] / "compiled")  # HOME/jobs/ID/checkpoint
        yield Trial(settings, desk)
    except ConfigError as fault:
        raise Unable(str(fault)) from None
