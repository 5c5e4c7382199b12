"""What the jobs of a study of learned optimisers have in common: their settings, and how a fault ends them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import checked
from wunderkammer.domains.groove.settings import GrooveSettings
from wunderkammer.jobs.desk import Desk, Unable


@contextmanager
def begun(desk: Desk) -> Iterator[GrooveSettings]:
    """The trial's settings; what is wrong with them, or with files, ends the job with one line. Compiled programs are
    kept in HOME/compiled, so that the next seed of the same settings begins at once."""
    from wunderkammer.learners.compilation import keep_compiled

    keep_compiled(desk.checkpoint.resolve().parents[2] / "compiled")  # HOME/jobs/ID/checkpoint
    try:
        yield checked(GrooveSettings, {**desk.args, "seed": desk.seed}, "trial")
    except ConfigError as fault:
        raise Unable(str(fault)) from None
