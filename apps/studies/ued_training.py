"""A job: one student trained on mazes by one way of choosing levels; `domains/paired/training.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import checked
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.jobs.desk import Desk, Unable


def main(desk: Desk) -> dict[str, Any]:
    """Train until all updates are made. args: the fields of `TrainingSettings` but the seed, which is the job's; of
    `levels`, the file is the input of that name.

    Compiled programs are kept in HOME/compiled, so that the next seed of the same settings begins at once.
    """
    from wunderkammer.domains.paired.training import train
    from wunderkammer.learners.compilation import keep_compiled

    keep_compiled(desk.checkpoint.resolve().parents[2] / "compiled")  # HOME/jobs/ID/checkpoint
    try:
        settings = checked(TrainingSettings, {**desk.args, "seed": desk.seed}, "training")
        levels = desk.inputs.get("levels")
        return train(settings, desk.checkpoint / "training", desk.out, desk.tell, time.monotonic, levels)
    except ConfigError as fault:
        raise Unable(str(fault)) from None
