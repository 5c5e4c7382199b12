"""What the ledger keeps of a search beside candidates and outcomes: the aim of a slot, a finding of the scientist."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field

from wunderkammer.core.contract import Cell, Frozen
from wunderkammer.core.ids import content_id
from wunderkammer.core.study import Hypothesis, VerdictWord

Origin = Literal["seed", "vary", "fresh", "emitted"]
"""seed: a genome of the domain's seeds. vary: from an elite. fresh: from nothing, for a cell. emitted: by an emitter,
for no cell."""

Fate = Literal["evaluated", "filtered", "duplicate", "unusable", "error"]
"""What became of a slot before any duel."""


class Aim(Frozen):
    """What a slot was asked to do, fixed before it starts: a slot that is run again is asked the same."""

    slot: int
    step: int
    origin: Origin
    parents: tuple[str, ...] = ()
    """Ids of the elites to vary."""
    cell: Cell | None = None
    odds: dict[str, tuple[int, int]] = Field(default_factory=dict)
    """Per way to vary: how often it was accepted, how often tried, when the slot was planned."""
    hint: str = ""
    """The user's guidance at that time."""


class Finding(Frozen):
    """Something the scientist says, with what it rests on. Figures come from code; a model may only word them."""

    run: str
    """The search or study in which it was found."""
    kind: Literal["reflection", "study"] = "reflection"
    claim: str
    """One sentence with its figures, written by code."""
    comment: str = ""
    """The scientist model's words on it; empty where the model was of no use."""
    statistics: dict[str, float] = Field(default_factory=dict)
    """Every figure that the claim rests on, by name."""
    evidence: tuple[str, ...] = ()
    """Ids of candidates."""
    jobs: tuple[str, ...] = ()
    """Ids of the jobs that measured them."""
    refuted_by: str = ""
    """What would show it wrong."""
    domain: str = ""
    verdict: VerdictWord | None = None
    """By the rule that was fixed beforehand. None: nothing was; it was looked for after the fact."""
    hypothesis: Hypothesis | None = None
    """What was tested, as it was written down before the first job."""
    threshold: str = ""
    """The hypothesis' threshold in words, written down with it."""
    missing: str = ""
    """What an undecided one lacks."""
    reproduce: str = ""
    """The command that finds it again."""

    @cached_property
    def id(self) -> str:
        return content_id("finding", self.run, self.kind, self.claim)
