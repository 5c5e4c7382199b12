"""What operations work with: settings, the ledger, and whatever goes by an id: runs, studies, hardenings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.memory import hardenings, runs, ventures
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
        found: list[tuple[Kind, str, str, float]] = [
            ("run", one.id, one.domain, one.at) for one in runs.all_runs(self.ledger)
        ]
        found += [(one.kind, one.id, one.domain, one.at) for one in ventures.all_ventures(self.ledger)]
        found += [("hardening", one.id, one.domain, one.at) for one in hardenings.all_hardenings(self.ledger)]
        return [self._work(*one) for one in sorted(found, key=lambda one: -one[3])]

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

    def _work(self, kind: Kind, name: str, domain: str, at: float) -> Work:
        status = "running" if owned(self.home, name) else runs.status(self.ledger, name)
        return Work(kind, name, domain, at, status)


def plain(value: Any) -> str | float | int | bool | None:
    """A value as a sheet holds it."""
    if value is None or isinstance(value, (str, float, int, bool)):
        return value
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
