"""What the scientist has said, in the ledger."""

from __future__ import annotations

import time

from sqlalchemy import select

from wunderkammer.core.records import Finding
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.tables import findings


def keep_finding(ledger: Ledger, finding: Finding) -> None:
    """Write a finding down."""
    row = {"id": finding.id, "run": finding.run, "body": finding.model_dump(mode="json"), "at": time.time()}
    ledger.put(findings, row)


def findings_of(ledger: Ledger, run: str | None = None) -> list[Finding]:
    """Findings of a run, or of all, oldest first."""
    query = select(findings.c.body).order_by(findings.c.at)
    if run:
        query = query.where(findings.c.run == run)
    return [Finding(**row.body) for row in ledger.rows(query)]
