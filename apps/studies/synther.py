"""What the jobs of a trial of made experience have in common: their settings, and the rows of the jobs before them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import checked
from wunderkammer.domains.synther.settings import Source, SyntherSettings
from wunderkammer.jobs.desk import Desk, Unable

if TYPE_CHECKING:
    from wunderkammer.learners.experience import Transitions


@dataclass(frozen=True)
class Trial:
    """A job of a trial."""

    settings: SyntherSettings
    source: Source
    """What rows are made of, where any are."""
    desk: Desk

    @property
    def checkpoint(self) -> Path:
        return self.desk.checkpoint / "training"

    def rows(self, name: str) -> Transitions:
        """The rows in the file of this name that a job before left; `ConfigError` where none did."""
        from wunderkammer.learners import experience

        found = [folder / name for folder in self.desk.after.values() if (folder / name).is_file()]
        if not found:
            raise ConfigError(f"no job before this one left {name}")
        return experience.read(found[0])


@contextmanager
def begun(desk: Desk) -> Iterator[Trial]:
    """The trial; what is wrong with its settings or files ends the job with one line. Compiled programs are kept in
    HOME/compiled, so that the next seed of the same settings begins at once."""
    from wunderkammer.learners.compilation import keep_compiled

    keep_compiled(desk.checkpoint.resolve().parents[2] / "compiled")  # HOME/jobs/ID/checkpoint
    args = dict(desk.args)
    source = cast(Source, args.pop("source", "subset"))
    try:
        yield Trial(checked(SyntherSettings, {**args, "seed": desk.seed}, "trial"), source, desk)
    except ConfigError as fault:
        raise Unable(str(fault)) from None
