"""What the scientist has said, in the ledger."""

from __future__ import annotations

import time

from pydantic import ValidationError
from sqlalchemy import select

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.records import Finding
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.tables import findings


def keep_finding(ledger: Ledger, finding: Finding) -> None:
    """Write a finding down."""
    row = {"id": finding.id, "run": finding.run, "body": finding.model_dump(mode="json"), "at": time.time()}
    ledger.put(findings, row)


def findings_of(ledger: Ledger, run: str | None = None) -> list[Finding]:
    """Findings of a run or study, or of all, oldest first."""
    return [finding for _, finding in findings_in_time(ledger, run)]


def findings_in_time(ledger: Ledger, run: str | None = None) -> list[tuple[float, Finding]]:
    """The same, each with when it was written down, in seconds since the epoch."""
    query = select(findings).order_by(findings.c.at, findings.c.id)
    if run:
        query = query.where(findings.c.run == run)
    return [(row.at, _finding(row.id, row.body)) for row in ledger.rows(query)]


def findings_about(ledger: Ledger, domain: str) -> list[Finding]:
    """What was tested about a domain, in any study, oldest first."""
    return [one for one in findings_of(ledger) if one.hypothesis is not None and one.hypothesis.domain == domain]


def find_finding(ledger: Ledger, name: str) -> Finding:
    """The finding whose id begins with `name`, or the `latest`."""
    if name == "latest":
        query = select(findings).order_by(findings.c.at.desc()).limit(1)
    else:
        query = select(findings).where(findings.c.id.startswith(name, autoescape=True)).limit(2)
    rows = ledger.rows(query)
    if not rows:
        raise ConfigError(f"no finding {name!r} in {ledger.place}; `wunder findings` lists them")
    if len(rows) > 1:
        raise ConfigError(f"{name!r} fits several findings; write more of the id")
    return _finding(rows[0].id, rows[0].body)


def _finding(name: str, body: dict[str, object]) -> Finding:
    try:
        return Finding.model_validate(body)
    except ValidationError:
        raise ConfigError(f"finding {name} was written by another version, which this one cannot read") from None
