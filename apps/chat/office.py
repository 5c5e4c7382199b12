"""What operations work with: settings, the ledger, and whatever goes by an id: runs, studies, hardenings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import select

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.memory import runs, tables
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.lock import owned
from wunderkammer.memory.runs import Run
from wunderkammer.memory.undertakings import PART

Kind = Literal["run", "study", "autonomous", "hardening"]


@dataclass(frozen=True)
class Work:
    """Anything that was begun and can go on: its kind, id, domain, and when it was begun."""

    kind: Kind
    id: str
    domain: str
    at: float
    status: str
    """`running` while a live process owns it; else its last word, or `interrupted`."""

    @property
    def is_part(self) -> bool:
        """Whether something else began it: a search of an autonomous run, say."""
        return PART in self.id


@dataclass(frozen=True)
class Office:
    """One installation at work. config: the file that settings were read from, for processes that are started."""

    settings: Settings
    ledger: Ledger
    config: Path | None = None

    @property
    def home(self) -> Path:
        return self.settings.home

    def run(self, name: str) -> Run:
        """The search run that a name means; ConfigError where there is none, or several."""
        return runs.find_run(self.ledger, name or "latest")

    def everything(self) -> list[Work]:
        """All that was begun, newest first."""
        last = runs.statuses(self.ledger)
        return [
            Work(*one, status="running" if owned(self.home, one[1]) else last.get(one[1], runs.INTERRUPTED))
            for one in sorted(self._begun(), key=lambda one: -one[3])
        ]

    def find(self, name: str) -> Work:
        """What a name means: the beginning of an id, or `latest`. Parts of something else go by their full names."""
        known = self.everything()
        whole = [one for one in known if not one.is_part]
        if name == "latest" and whole:
            return whole[0]
        among = known if PART in name else whole
        fits = [one for one in known if one.id == name] or [one for one in among if name and one.id.startswith(name)]
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise ConfigError(f"{name!r} fits several; write more of the id")
        raise ConfigError(f"nothing here goes by {name!r}; /runs lists what there is")

    def running(self) -> list[Work]:
        """What live processes work on now; the parts of something else are not listed beside it."""
        return [one for one in self.everything() if one.status == "running" and not one.is_part]

    def _begun(self) -> Iterator[tuple[Kind, str, str, float]]:
        for table in (tables.runs, tables.hardenings):
            kind: Kind = "run" if table is tables.runs else "hardening"
            for row in self.ledger.rows(select(table.c.id, table.c.domain, table.c.at)):
                yield kind, row.id, row.domain, row.at
        which = tables.ventures.c
        for row in self.ledger.rows(select(which.kind, which.id, which.domain, which.at)):
            yield row.kind, row.id, row.domain, row.at


def plain(value: Any) -> str | float | int | bool | None:
    """A value as a sheet holds it."""
    if value is None or isinstance(value, (str, float, int, bool)):
        return value
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
