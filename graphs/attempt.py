"""One attempt at a candidate: propose it, see whether it is new, find out what it is worth, write it down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wunderkammer.agents.lab import SlotLab
from wunderkammer.core.contract import Candidate, Domain, Evaluates, Outcome
from wunderkammer.core.errors import BadReply, ConfigError, ModelError
from wunderkammer.core.records import Aim, Fate
from wunderkammer.graphs.gathering import Gathering
from wunderkammer.memory import slots
from wunderkammer.memory.kin import Kin
from wunderkammer.memory.ledger import Ledger

PATIENCE = 16
"""Slots that may fail one after the other before the run gives up: one bad prompt is an event, sixteen are a server."""


@dataclass(frozen=True, slots=True)
class Made:
    """What an attempt came to, before any duel."""

    aim: Aim
    fate: Fate
    candidate: Candidate[Any] | None = None
    outcome: Outcome | None = None
    arm: str | None = None
    reason: str | None = None


class Attempts:
    """Makes attempts for one run.

    seeds: genomes for the first slots. score_by_fitness: rank by the measure `fitness`, not by duel (an ablation).
    kin: what novelty is measured against, where the plan decides by it.
    """

    def __init__(
        self,
        run: str,
        domain: Domain[Any],
        ledger: Ledger,
        seeds: Sequence[Any],
        *,
        score_by_fitness: bool,
        kin: Kin | None = None,
    ) -> None:
        self.run = run
        self.domain = domain
        self.ledger = ledger
        self._seeds = seeds
        self._score_by_fitness = score_by_fitness
        self._kin = kin
        self._failures = 0
        self.emitted: dict[int, Any] = {}
        """What an emitter proposed for slots that have not begun."""

    async def make(
        self,
        aim: Aim,
        parents: Sequence[Candidate[Any]],
        lab: SlotLab,
        gathering: Gathering,
        known: Callable[[str], bool],
    ) -> Made:
        """An attempt, written to the ledger unless it was an error: those wait until the step is remembered, so that
        a run that failed because its server was down tries them again.

        known: whether a candidate was already tried in an earlier step.
        """
        try:
            candidate = await self._propose(aim, parents, lab)
            if candidate is None or known(candidate.id):
                fate: Fate = "filtered" if candidate is None else "duplicate"
                made = Made(aim, fate, candidate, arm=lab.arm)
            else:
                made = await self._tried(aim, candidate, lab, gathering)
        except BadReply as fault:
            made = Made(aim, "unusable", arm=lab.arm, reason=str(fault))
        except ModelError as fault:
            self.failed(fault)
            return Made(aim, "error", arm=lab.arm, reason=str(fault))
        self._failures = 0
        if made.fate != "error":
            self.write(made)
        return made

    @property
    def failing(self) -> bool:
        """Whether the attempt that ended last failed by its server's fault."""
        return self._failures > 0

    def failed(self, fault: ModelError) -> None:
        """Count a server's failure; the one that exhausts our patience is raised."""
        self._failures += 1
        if self._failures >= PATIENCE:
            raise fault

    def write(self, made: Made) -> None:
        """Put an attempt into the ledger."""
        if made.candidate:
            slots.keep_candidate(self.ledger, made.candidate, self.domain.text(made.candidate.genome))
        slots.keep_outcome(
            self.ledger,
            self.run,
            made.aim,
            fate=made.fate,
            candidate=made.candidate.id if made.candidate else None,
            outcome=made.outcome,
            arm=made.arm,
            error=made.reason,
        )

    async def _propose(self, aim: Aim, parents: Sequence[Candidate[Any]], lab: SlotLab) -> Candidate[Any] | None:
        if aim.origin == "seed":
            genome = self._seeds[aim.slot]
        elif aim.origin == "emitted":
            genome = self.emitted.pop(aim.slot)
        else:
            genome = await self.domain.vary(parents, aim.cell, lab)
        if genome is None:
            return None
        return Candidate(domain=self.domain.name, genome=genome, parents=aim.parents, aim=aim.cell)

    async def _tried(self, aim: Aim, candidate: Candidate[Any], lab: SlotLab, gathering: Gathering) -> Made:
        look = None
        if self._kin:
            look = await self._kin.look(candidate.id, self.domain.text(candidate.genome), aim.step)
            if look.refused:
                return Made(aim, "duplicate", candidate, arm=lab.arm, reason=look.reason)
        made = self._judged(aim, candidate, await gathering.evaluate(aim.slot, candidate, lab), lab.arm)
        if self._kin and look and made.outcome and made.fate == "evaluated":
            made = replace(made, outcome=self._kin.judged(made.outcome, look))
        return made

    def _judged(self, aim: Aim, candidate: Candidate[Any], outcome: Outcome, arm: str | None) -> Made:
        if outcome.error is not None:
            return Made(aim, "error", candidate, outcome, arm, outcome.error)
        if self._score_by_fitness and outcome.score is None:
            outcome = outcome.model_copy(update={"score": outcome.fitness})
        return Made(aim, "evaluated", candidate, outcome, arm)


def evaluator(domain: Domain[Any]) -> Evaluates[Any]:
    """The domain as one that evaluates within seconds."""
    if not isinstance(domain, Evaluates):
        raise ConfigError(f"{domain.name} is a study made of training jobs; start it with `wunder study {domain.name}`")
    return domain
