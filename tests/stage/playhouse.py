"""A domain whose jobs leave games of a moving square."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from stage.peepshow import HOSTILE, Peepshow
from wunderkammer import domains
from wunderkammer.core.play import Cartridge
from wunderkammer.core.work import Job


class Playhouse(Peepshow):
    """A job called `a game, MOOD` leaves a square of that mood."""

    name: ClassVar[str] = "playhouse"

    def cartridge(self, job: Job, out: Path) -> Cartridge | None:
        if not job.title.startswith("a game"):
            return None
        mood = job.title.partition(", ")[2]
        title = f"A square {HOSTILE}"
        return Cartridge(id=job.id, title=title, module="stage.square", args=(mood,) if mood else ())


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the playhouse be the only domain."""
    monkeypatch.setattr(domains, "installed", lambda: {Playhouse.name: Playhouse})
