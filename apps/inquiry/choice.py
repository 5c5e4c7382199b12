"""Which findings somebody wants to see."""

from __future__ import annotations

from dataclasses import dataclass

from wunderkammer.core.records import Finding
from wunderkammer.memory.findings import findings_in_time
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import find_run
from wunderkammer.memory.ventures import maybe_venture


@dataclass(frozen=True)
class Choice:
    """A filter; None lets everything through."""

    run: str | None = None
    """Beginning of the id of a run or study; `latest`: the latest run."""
    kind: str | None = None
    domain: str | None = None
    verdict: str | None = None
    """`none`: of those that had nothing stated beforehand."""
    text: str | None = None
    """Words that stand in the claim, the comment or the reason, in any letter case."""

    def of(self, ledger: Ledger) -> list[tuple[float, Finding]]:
        """What fits, oldest first, each with when it was found. `ConfigError` where there is no such run."""
        owner = None if self.run is None else _owner(ledger, self.run)
        return [(at, one) for at, one in findings_in_time(ledger, owner) if self.fits(one)]

    def fits(self, finding: Finding) -> bool:
        """Whether it lets a finding through, whatever run that is of."""
        return (
            self.kind in (None, finding.kind)
            and self.domain in (None, finding.domain)
            and self.verdict in (None, finding.verdict or "none")
            and (self.text is None or self.text.casefold() in _words(finding).casefold())
        )


def _owner(ledger: Ledger, run: str) -> str:
    venture = maybe_venture(ledger, run) if run != "latest" else None
    return venture.id if venture else find_run(ledger, run).id


def _words(finding: Finding) -> str:
    because = finding.hypothesis.because if finding.hypothesis else ""
    return "\n".join((finding.claim, finding.comment, because, finding.domain))
