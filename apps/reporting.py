"""The report of whatever was begun: which of the writers it is that writes it."""

from __future__ import annotations

from pathlib import Path

from wunderkammer.apps.autonomy.report import write_wander
from wunderkammer.apps.hardening.report import write_hardening
from wunderkammer.apps.inquiry.report import write_study
from wunderkammer.apps.report.files import write_report
from wunderkammer.core.errors import LedgerError
from wunderkammer.core.settings import Settings
from wunderkammer.memory.hardenings import Hardening
from wunderkammer.memory.runs import Run
from wunderkammer.memory.undertakings import Undertaking


def write_for(settings: Settings, found: Undertaking, folder: Path | None = None) -> list[Path]:
    """Write the report of a run, hardening, study or autonomous run, by default to HOME/reports/ID: its files."""
    try:
        if isinstance(found, Run):
            return write_report(settings, found.id, folder)
        if isinstance(found, Hardening):
            return write_hardening(settings, found.id, folder)
        write = write_wander if found.kind == "autonomous" else write_study
        return write(settings, found.id, folder)
    except OSError as fault:
        raise LedgerError(f"the report cannot be written: {fault}") from None
