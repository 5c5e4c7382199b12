"""Which failures make the target fall behind: elites sorted by the failure that stands out most in each.

The rule, in this order:

1. an elite is adversarial if its regret is at least `ADVERSARIAL`;
2. for each kind of failure, how much oftener the target showed it than its measure did (`failures`) is divided by the
   standard deviation of that figure over all elites;
3. an elite belongs to the kind for which this is greatest, of those that the target showed at least `Failure.least`
   often there, and oftener than the measure by `OFTENER` standard deviations; to none if there is no such kind;
4. a kind with at least `FEWEST` elites is a vulnerability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wunderkammer.core.abilities import Group
from wunderkammer.core.contract import Entry
from wunderkammer.domains.madrid.failures import FAILURES, Failure
from wunderkammer.domains.madrid.intervals import Interval, mean_of, share_of
from wunderkammer.domains.madrid.scenario import Scenario

ADVERSARIAL = 0.5
"""Regret from which on a level is one to worry about."""
OFTENER = 0.25
FEWEST = 3

Found = Entry[Scenario]


@dataclass(frozen=True)
class Vulnerability:
    """A kind of failure, and the adversarial elites in which it stands out."""

    failure: Failure
    entries: tuple[Found, ...]
    """The clearest first."""
    among: int
    """Adversarial elites in all."""

    @property
    def share(self) -> Interval:
        """Of the adversarial elites."""
        return share_of(len(self.entries), self.among)

    @property
    def regret(self) -> Interval:
        """Mean of its elites, as they were found."""
        return mean_of([entry.outcome.score or 0.0 for entry in self.entries])

    @property
    def often(self) -> float:
        """How often the target shows it in its levels."""
        return float(np.mean([entry.outcome.measures[self.failure.name] for entry in self.entries]))

    @property
    def measure(self) -> float:
        """How often the measure does: the reference, or the defence against the target's own attack."""
        more = np.mean([entry.outcome.measures[f"{self.failure.name}: more"] for entry in self.entries])
        return self.often - float(more)

    @property
    def group(self) -> Group:
        """As the scientist is told of it."""
        share, regret, one = self.share, self.regret, self.failure
        measure = "the reference" if one.side == "attack" else "the same defence when the target attacks"
        figures = {
            "elites": float(len(self.entries)),
            "adversarial elites": float(self.among),
            "share": round(share.middle, 3),
            "share, low": round(share.low, 3),
            "share, high": round(share.high, 3),
            "mean regret": round(regret.middle, 3),
            "rate of the target": round(self.often, 3),
            "rate of the measure": round(self.measure, 3),
        }
        claim = (
            f"{one.name.capitalize()}: in {len(self.entries)} of {self.among} adversarial elites "
            f"({share.middle:.0%}, 95 % interval {share.low:.0%} to {share.high:.0%}) what stands out is that the "
            f"target {one.words}, {self.often:.2f} {one.unit} where {measure} has {self.measure:.2f}; mean regret "
            f"{regret.middle:.2f}."
        )
        refuted = f"fresh matches from these levels in which the target {one.words} no oftener than {measure}"
        evidence = tuple(entry.candidate.id for entry in self.entries[:5])
        return Group(name=one.name, claim=claim, figures=figures, evidence=evidence, refuted_by=refuted)


def found_in(elites: Sequence[Found]) -> list[Vulnerability]:
    """The vulnerabilities, the most frequent first."""
    told = [entry for entry in elites if entry.outcome.score is not None and FAILURES[0].name in entry.outcome.measures]
    adversarial = [entry for entry in told if (entry.outcome.score or 0.0) >= ADVERSARIAL]
    if not adversarial:
        return []
    scale = {
        one.name: max(float(np.std([e.outcome.measures[f"{one.name}: more"] for e in told])), 1e-3) for one in FAILURES
    }
    members: dict[str, list[tuple[float, Found]]] = {one.name: [] for one in FAILURES}
    for entry in adversarial:
        found = _foremost(entry, scale)
        if found:
            members[found[1].name].append((found[0], entry))
    ranked = {name: sorted(some, key=lambda one: (-one[0], one[1].candidate.id)) for name, some in members.items()}
    vulnerabilities = [
        Vulnerability(one, tuple(entry for _, entry in ranked[one.name]), len(adversarial))
        for one in FAILURES
        if len(ranked[one.name]) >= FEWEST
    ]
    return sorted(vulnerabilities, key=lambda one: -len(one.entries))


def _foremost(entry: Found, scale: dict[str, float]) -> tuple[float, Failure] | None:
    measures = entry.outcome.measures
    found = [
        (measures[f"{one.name}: more"] / scale[one.name], one) for one in FAILURES if measures[one.name] >= one.least
    ]
    best = max(found, key=lambda pair: pair[0], default=None)
    return best if best and best[0] >= OFTENER else None
