"""The archives that a hardening learns from, and those that it never sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wunderkammer.apps.cabinet import Cabinet
from wunderkammer.apps.transfer import evaluator_of
from wunderkammer.core.abilities import Evaluator, Repairs
from wunderkammer.core.contract import Domain, Entry
from wunderkammer.core.errors import ConfigError
from wunderkammer.memory import runs
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run, find_run

RESTS = ("finished", "stopped")
SHARE = 5
"""One of so many archives is held out where the user names none."""


@dataclass(frozen=True)
class Split:
    """Runs by what they are for; no run is on both sides."""

    learnt: tuple[str, ...]
    held_out: tuple[str, ...]


def split(given: Sequence[str], held_out: Sequence[str]) -> Split:
    """Held out are the runs named so, else the last fifth of those given, at least one. In the order given."""
    unlike = list(dict.fromkeys(given))
    if held_out:
        held = tuple(dict.fromkeys(held_out))
        learnt = tuple(run for run in unlike if run not in held)
        if not learnt:
            raise ConfigError("every archive is held out: name at least one more RUN to learn from")
        return Split(learnt, held)
    if len(unlike) < 2:
        raise ConfigError(
            "one archive cannot be learnt from and held out at once: make a second one, "
            "`wunder run … --seed 2`, or let `--attack 2` make it"
        )
    count = max(1, len(unlike) // SHARE)
    return Split(tuple(unlike[:-count]), tuple(unlike[-count:]))


def repairable(domain: Domain[Any]) -> Repairs[Any]:
    """The domain as one whose targets can be taught."""
    if not isinstance(domain, Repairs):
        raise ConfigError(f"{domain.name} cannot be hardened: it does not say what a right answer would have been")
    return domain


def searched(ledger: Ledger, name: str) -> Run:
    """A run that has come to its end; a `ConfigError` says what else to do."""
    run = find_run(ledger, name)
    status = runs.status(ledger, run.id)
    if status not in RESTS:
        raise ConfigError(f"run {run.id} is {status}: `wunder resume {run.id}` first, then harden")
    return run


def alike(found: Sequence[Run]) -> None:
    """Raise a `ConfigError` unless the runs have one domain and one target."""
    for what, names in (
        ("domain", [run.domain for run in found]),
        ("target", [target_of(run) for run in found]),
    ):
        if len(set(names)) > 1:
            told = ", ".join(f"{run.id}: {name}" for run, name in zip(found, names, strict=True))
            raise ConfigError(f"the runs have more than one {what} ({told}); harden one {what} at a time")


def target_of(run: Run) -> str:
    seat = run.roles.get("target", {})
    return f"{seat.get('server')}#{seat.get('model')}"


def elites_of(ledger: Ledger, run: str) -> list[Entry[Any]]:
    """The elites of a run, in the order of the grid."""
    return list(Cabinet(ledger, find_run(ledger, run)).elites.values())


def failures_of(ledger: Ledger, run: str, judge: Evaluator, per_cell: int) -> tuple[list[Entry[Any]], list[Entry[Any]]]:
    """The failing elites of a run, and up to `per_cell` further failing candidates of each cell, the worst first."""
    cabinet = Cabinet(ledger, find_run(ledger, run))
    elites = [entry for entry in cabinet.elites.values() if judge.of(entry.outcome)]
    if not per_cell:
        return elites, []
    known = {entry.candidate.id for entry in elites}
    others = [entry for entry in cabinet.everything() if judge.of(entry.outcome) and entry.outcome.cell is not None]
    others.sort(key=lambda entry: (-(entry.outcome.fitness or 0.0), entry.slot))
    taken: Counter[Any] = Counter()
    further = []
    for entry in others:
        cell = entry.outcome.cell
        if entry.candidate.id not in known and taken[cell] < per_cell:
            known.add(entry.candidate.id)
            taken[cell] += 1
            further.append(entry)
    return elites, further


def judge_of(domain: Domain[Any]) -> Evaluator:
    """Who says what a successful attack is: the one that looks at what the search ranks by."""
    return evaluator_of(domain, None, None)
