"""A finding held against the ledger: every figure computed again from its evidence, every word against its figures."""

from __future__ import annotations

import math
from dataclasses import dataclass

from wunderkammer.agents.science.figures import unfounded
from wunderkammer.agents.science.verdict import Rule, Trial, conclude
from wunderkammer.agents.scientist import weigh
from wunderkammer.apps.inquiry.conduct import plan_of, studied
from wunderkammer.apps.installation import make_domain
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.records import Finding
from wunderkammer.graphs.laboratory import trial_of
from wunderkammer.memory import slots, studies
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import find_run
from wunderkammer.memory.ventures import find_venture

TOLERANCE = 1e-9
"""Relative: what another processor may round otherwise."""


@dataclass(frozen=True)
class Check:
    """What came of it; no faults: the finding stands as it was written."""

    finding: Finding
    faults: tuple[str, ...]
    again: Finding | None
    """The finding as the evidence gives it now; None where that is not there any more."""


def check(ledger: Ledger, finding: Finding) -> Check:
    """Compute a finding again from the ledger, and compare."""
    try:
        again = _study(ledger, finding) if finding.kind == "study" else _reflection(ledger, finding)
    except ConfigError as fault:
        return Check(finding, (f"cannot be computed again: {fault}",), None)
    words = [f"the comment says {number}, which no figure does" for number in unfounded(finding.comment, finding)]
    if again is None:
        return Check(finding, ("the ledger no longer gives this finding", *words), None)
    return Check(finding, (*_differences(finding, again), *words), again)


def _differences(finding: Finding, again: Finding) -> list[str]:
    said = []
    for name in sorted({*finding.statistics, *again.statistics}):
        here, there = finding.statistics.get(name), again.statistics.get(name)
        if here is None or there is None or not math.isclose(here, there, rel_tol=TOLERANCE, abs_tol=1e-12):
            said.append(f"{name} is written as {here} and comes to {there}")
    if finding.verdict != again.verdict:
        said.append(f"the verdict is written as {finding.verdict} and comes to {again.verdict}")
    if finding.claim != again.claim:
        said.append("the claim is worded otherwise than its figures are")
    return said


def _reflection(ledger: Ledger, finding: Finding) -> Finding | None:
    run = find_run(ledger, finding.run)
    end = finding.statistics.get("slots")
    axes = make_domain(run.plan).axes
    archive = slots.archive_of(ledger, run, axes, None if end is None else int(end))
    found = weigh(run.id, archive, run.plan.seed, finding.domain, None if end is None else int(end))
    return next((one for one in found if one.id == finding.id), None)


def _study(ledger: Ledger, finding: Finding) -> Finding | None:
    return next((one for one, _ in round_of(ledger, finding) if one.id == finding.id), None)


def round_of(ledger: Ledger, finding: Finding) -> list[tuple[Finding, Trial]]:
    """The findings of a finding's round as the evidence gives them now: they were corrected together."""
    venture = find_venture(ledger, finding.run, "study")
    plan = plan_of(venture)
    domain = studied(plan)
    told = studies.concluded(ledger, venture.id)
    number = next((event.round for event in told if event.finding == finding.id), None)
    asked = [event for event in studies.hypothesised(ledger, venture.id) if event.round == number]
    trials = [trial_of(event, plan, domain, ledger, venture.id) for event in asked]
    found = conclude(venture.id, trials, Rule(plan.alpha, plan.correction), [""] * len(trials))
    return list(zip(found, trials, strict=True))


def trial_behind(ledger: Ledger, finding: Finding) -> Trial | None:
    """The pairs behind a study's finding; None where it is none, or they are not there."""
    if finding.kind != "study":
        return None
    return next((trial for one, trial in round_of(ledger, finding) if one.id == finding.id), None)
