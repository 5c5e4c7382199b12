"""Writes the report of a run: a page to look at, and the same as JSON."""

from __future__ import annotations

from pathlib import Path

import tomli_w

from wunderkammer.apps.installation import ledger_address, make_domain
from wunderkammer.apps.reevaluation import latest, section_of
from wunderkammer.apps.report.page import render_html
from wunderkammer.apps.report.reading import read_report
from wunderkammer.apps.transfer import matrix_of
from wunderkammer.core.settings import Settings
from wunderkammer.core.whole import write_whole
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.ledger import opened
from wunderkammer.memory.runs import find_run


def write_report(settings: Settings, run: str, folder: Path | None = None) -> list[Path]:
    """The files of a run's report, by default in HOME/reports/RUN: `report.html`, `report.json` and `plan.toml`."""
    with opened(ledger_address(settings)) as ledger:
        found = find_run(ledger, run)
        report = read_report(ledger, found, make_domain(found.plan), Artifacts(settings.home / "artifacts"))
    second = latest(settings.home, found.id)
    sections = (*report.sections, section_of(second)) if second else report.sections
    report = report.model_copy(update={"transfer": matrix_of(settings.home, found.id), "sections": sections})
    place = folder or settings.home / "reports" / found.id
    place.mkdir(parents=True, exist_ok=True)
    return [
        write_whole(place / "report.html", render_html(report)),
        write_whole(place / "report.json", report.model_dump_json(indent=1)),
        write_whole(place / "plan.toml", tomli_w.dumps(found.plan.model_dump(mode="json", exclude_none=True))),
    ]
