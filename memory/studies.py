"""Studies in the ledger: what was asked, which candidates and jobs answer it, what each candidate measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from wunderkammer.core.contract import Candidate, Entry, Frozen, Outcome
from wunderkammer.core.events import Concluded, Designed, Hypothesised, Worked
from wunderkammer.core.records import Aim
from wunderkammer.memory import runs, slots
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.tables import candidates, outcomes


@dataclass(frozen=True)
class Measured:
    """What became of a candidate of a study."""

    candidate: str
    slot: int
    outcome: Outcome | None
    """None where it could not be measured."""
    fault: str = ""


def hypothesise(ledger: Ledger, study: str, asked: Hypothesised) -> None:
    """Write down what will be tested; flush before its jobs are dispatched. Written once, it stays as it is."""
    runs.tell(ledger, study, asked, key=f"{asked.round}:{asked.hypothesis.id}")


def hypothesised(ledger: Ledger, study: str) -> list[Hypothesised]:
    """What a study was to test, in order."""
    return [event for _, event in runs.told(ledger, study, "hypothesised") if isinstance(event, Hypothesised)]


def design(ledger: Ledger, study: str, candidate: Candidate[Any], text: str, event: Designed) -> None:
    """Write a candidate of a study down, with its slot and its jobs."""
    slots.keep_candidate(ledger, candidate, text)
    runs.tell(ledger, study, event, key=event.candidate)


def designed(ledger: Ledger, study: str) -> dict[str, Designed]:
    """The candidates of a study, by id."""
    told = (event for _, event in runs.told(ledger, study, "designed"))
    return {event.candidate: event for event in told if isinstance(event, Designed)}


def work(ledger: Ledger, study: str, event: Worked) -> None:
    """Write down that a job of a study is over."""
    runs.tell(ledger, study, event, key=event.job)


def worked(ledger: Ledger, study: str) -> dict[str, Worked]:
    """The jobs of a study that are over, by id."""
    told = (event for _, event in runs.told(ledger, study, "worked"))
    return {event.job: event for event in told if isinstance(event, Worked)}


def measure(ledger: Ledger, study: str, slot: int, round_: int, candidate: str, found: Outcome | str) -> None:
    """Write down what a candidate measured, or in a line why it could not be."""
    outcome = found if isinstance(found, Outcome) and found.error is None else None
    fault = found if isinstance(found, str) else found.error
    slots.keep_outcome(
        ledger,
        study,
        Aim(slot=slot, step=round_, origin="seed"),
        fate="evaluated" if outcome else "error",
        candidate=candidate,
        outcome=outcome,
        arm=None,
        error=fault,
    )


def measured(ledger: Ledger, study: str, wanted: Iterable[str] | None = None) -> dict[str, Measured]:
    """What the candidates of a study measured, by id; of all, or of those wanted."""
    chosen = None if wanted is None else set(wanted)
    rows = ledger.rows(select(outcomes).where(outcomes.c.run == study).order_by(outcomes.c.slot))
    return {
        row.candidate: Measured(
            row.candidate,
            row.slot,
            slots.outcome_of(row) if row.fate == "evaluated" else None,
            row.error or "",
        )
        for row in rows
        if row.candidate is not None and (chosen is None or row.candidate in chosen)
    }


def entries(ledger: Ledger, study: str, genome: type[Frozen]) -> list[Entry[Any]]:
    """Everything that was measured, in slot order, candidates with their genomes."""
    found = [one for one in measured(ledger, study).values() if one.outcome is not None]
    known = slots.candidates_of(ledger, [one.candidate for one in found], genome)
    return [
        Entry(candidate=known[one.candidate], outcome=one.outcome, slot=one.slot)
        for one in found
        if one.candidate in known and one.outcome is not None
    ]


def conclude(ledger: Ledger, study: str, event: Concluded) -> None:
    """Write down that a hypothesis was judged in a round."""
    runs.tell(ledger, study, event, key=f"{event.round}:{event.hypothesis}")


def concluded(ledger: Ledger, study: str) -> list[Concluded]:
    """What a study has judged, in order."""
    return [event for _, event in runs.told(ledger, study, "concluded") if isinstance(event, Concluded)]


def genomes(ledger: Ledger, wanted: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The genomes of candidates as plain values, by id."""
    rows = ledger.rows(select(candidates.c.id, candidates.c.genome).where(candidates.c.id.in_(sorted(set(wanted)))))
    return {row.id: row.genome for row in rows}
