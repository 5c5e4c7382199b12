"""Writes the report of a hardening: a page to look at, the same as JSON, and its plan."""

from __future__ import annotations

from pathlib import Path

import tomli_w

from wunderkammer.apps.hardening.reading import read_hardening
from wunderkammer.apps.installation import ledger_address
from wunderkammer.apps.report.hardening_page import render_hardening
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.core.whole import write_whole
from wunderkammer.memory.hardenings import find_hardening
from wunderkammer.memory.ledger import opened


def write_hardening(settings: Settings, name: str, folder: Path | None = None) -> list[Path]:
    """The files of a hardening's report, by default in HOME/reports/ID: `report.html`, `report.json`, `plan.toml`."""
    with opened(ledger_address(settings)) as ledger:
        found = find_hardening(ledger, name)
        if found is None:
            raise ConfigError(f"no hardening {name!r} in {ledger.place}")
        report = read_hardening(ledger, found)
    place = folder or settings.home / "reports" / found.id
    place.mkdir(parents=True, exist_ok=True)
    again = {key: value for key, value in found.plan.items() if key not in ("runs", "held_out", "attack", "search")}
    return [
        write_whole(place / "report.html", render_hardening(report)),
        write_whole(place / "report.json", report.model_dump_json(indent=1)),
        write_whole(place / "plan.toml", tomli_w.dumps(_without_none(again))),
    ]


def _without_none(values: dict[str, object]) -> dict[str, object]:
    """TOML has no null."""
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }
