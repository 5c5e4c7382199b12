"""The bench of a search: everything that its graph works with, and the few things it does with it."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wunderkammer.agents.judge import Judge
from wunderkammer.agents.lab import Cupboard, SlotLab
from wunderkammer.agents.mutator import Mutator
from wunderkammer.agents.naming import named
from wunderkammer.agents.planner import Planner
from wunderkammer.agents.scientist import weigh, word
from wunderkammer.agents.steering import Steering, obey
from wunderkammer.core.abilities import Groups
from wunderkammer.core.contract import Cell, Domain, Entry
from wunderkammer.core.errors import ServerDown
from wunderkammer.core.events import Event, Heard, Planned, Reflected, Remembered, Spent
from wunderkammer.core.ids import rng_for
from wunderkammer.core.records import Aim, Finding
from wunderkammer.graphs.attempt import Attempts
from wunderkammer.graphs.emission import Emission, caught_up, emission_of
from wunderkammer.graphs.flow import Finished, Flow
from wunderkammer.memory import findings, inbox, runs, slots
from wunderkammer.memory.archive import Archive
from wunderkammer.memory.kin import Kin
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run
from wunderkammer.models.gateway import Gateway

Tell = Callable[[Event], None]
Notice = Callable[[list[Entry[Any]]], None]
"""Hears of everything that was evaluated in a step; the vector memory listens here."""


@dataclass
class Bench:
    """Context of the search graph. Made by `lay`, once per process and run."""

    run: Run
    domain: Domain[Any]
    ledger: Ledger
    gateway: Gateway
    cupboard: Cupboard
    tell: Tell
    notice: Notice
    archive: Archive
    flow: Flow
    due: int
    """Steps that are remembered."""
    planner: Planner
    spent: Callable[[], Spent]
    steering: Steering = field(default_factory=Steering)
    kin: Kin | None = None
    """What novelty is measured against, where the plan decides by it."""
    emission: Emission | None = None
    """Who proposes whole steps, where the domain has somebody for that."""
    odds: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """How often each way to vary was accepted, and how often not, in all that is remembered."""
    seeds: int = 0
    wordy: bool = True
    """Whether a model that can be listened to plays the scientist."""
    started: float = 0.0
    """Monotonic time at which the run would have begun, had it never been interrupted."""
    _going: set[int] = field(default_factory=set)

    # ---- aim -----------------------------------------------------------------------------------------------------

    async def aim(self, due: int) -> int:
        """Set going what is not yet going of steps `due` … `due + lag`; returns one past the last step that is."""
        end = min(due + self.run.plan.lag + 1, self.run.plan.steps)
        for step in range(due, end):
            if step not in self._going:
                await self._start(step)
                self._going.add(step)
        return end

    async def _start(self, step: int) -> None:
        batch = self.run.plan.batch
        first = step * batch
        aims = slots.aims_of(self.ledger, self.run.id, first, first + batch)
        kept: Mapping[int, slots.Kept] = {}
        if aims:  # laid out before a crash: the slots keep their aims, and what they had done
            kept = slots.kept_slots(self.ledger, self.run, self.domain.genome, first, first + batch)
        else:
            self._listen(step)
            aims = self._aims(step)
            slots.keep_aims(self.ledger, self.run.id, aims)
            await self.ledger.flush()
        if self.emission:
            self.flow.attempts.emitted = self.emission.ask(step)
        parents = {name for aim in aims for name in aim.parents}
        self.flow.start(aims, slots.candidates_of(self.ledger, parents, self.domain.genome), kept)
        self.tell(Planned(step=step, slots=(first, first + batch)))

    def _aims(self, step: int) -> list[Aim]:
        if self.emission:
            return self.planner.emitted(step, self.seeds)
        return self.planner.lay_out(step, self.archive, self.seeds, self._odds(), self.steering)

    def _listen(self, step: int) -> None:
        for number, text, was_heard in inbox.messages(self.ledger, self.run.id):
            if was_heard:
                continue
            self.steering, effect = obey(self.steering, text, self.archive.axes)
            inbox.hear(self.ledger, self.run.id, number, step, effect)
            heard = Heard(text=text, effect=effect)
            self.tell(heard)
            runs.tell(self.ledger, self.run.id, heard, key=str(number))

    def _odds(self) -> dict[str, tuple[int, int]]:
        return {arm: (self.odds[arm, True], self.odds[arm, True] + self.odds[arm, False]) for arm, _ in self.odds}

    # ---- reflect ------------------------------------------------------------------------------------------------

    async def reflect(self) -> None:
        """Let the scientist say what the elites have in common, in figures and, where a model can, in words."""
        slots_in = self.due * self.run.plan.batch
        for finding in weigh(self.run.id, self.archive, self.run.plan.seed, self.domain.name, slots_in):
            worded = await word(finding, self._examples(finding), self.gateway) if self.wordy else finding
            findings.keep_finding(self.ledger, worded)
            self.tell(Reflected(finding=worded.id, claim=worded.claim))
        for finding in await self._named():
            findings.keep_finding(self.ledger, finding)
            self.tell(Reflected(finding=finding.id, claim=finding.claim))
        await self.ledger.flush()

    async def _named(self) -> list[Finding]:
        """What the domain has grouped of the elites, named by the scientist where a model can."""
        if not isinstance(self.domain, Groups):
            return []
        elites = list(_holders(self.ledger, self.run, self.domain, self.archive).values())
        gateway = self.gateway if self.wordy else None
        return await named(self.run.id, self.domain.name, self.domain.naming, self.domain.groups(elites), gateway)

    def _examples(self, finding: Finding) -> list[str]:
        found = slots.candidates_of(self.ledger, finding.evidence, self.domain.genome)
        return [self.domain.text(candidate.genome)[:300] for candidate in found.values()]

    # ---- remember ------------------------------------------------------------------------------------------------

    async def remember(self, step: int) -> None:
        """Put a finished step into archive and ledger; returns when it is durable.

        Raises `ServerDown` for a step in which everything failed: it is not kept, so that a resumed run tries it again.
        """
        batch = self.run.plan.batch
        done = [await self.flow.take(slot) for slot in range(step * batch, (step + 1) * batch)]
        if all(finished.fate == "error" for finished in done):
            raise ServerDown(f"every slot of step {step} failed, the last with: {done[-1].made.reason}")
        if any(finished.fate == "error" for finished in done):
            # Of a server that is going down, the first failures must not be kept: a resumed run tries them again.
            await self.flow.settled()
        accepted = sum(self._place(finished) for finished in done)
        entries = [entry for entry in map(_entry, done) if entry]
        if self.emission:
            self.emission.tell(entries)
        if self.kin:
            await self.kin.add([(entry, self.domain.text(entry.candidate.genome)) for entry in entries])
        self._going.discard(step)
        self.due = step + 1
        self.ledger.forget_calls((step + 1) * batch)
        event = Remembered(
            step=step,
            filled=len(self.archive),
            cells=self.archive.size,
            qd_score=self.archive.qd_score,
            accepted=accepted,
            seconds=time.monotonic() - self.started,
        )
        spent = self.spent()
        runs.tell(self.ledger, self.run.id, event, key=str(step))
        runs.tell(self.ledger, self.run.id, spent, key=str(step))
        await self.ledger.flush()
        self.tell(event)
        self.tell(spent)
        self.notice(entries)

    def _place(self, finished: Finished) -> bool:
        if finished.fate == "error":
            self.flow.attempts.write(finished.made)
        trial = finished.trial
        won = trial is not None and self.archive.add(trial)
        if finished.made.arm:
            self.odds[finished.made.arm, won] += 1
        return won


def lay(
    run: Run,
    domain: Domain[Any],
    ledger: Ledger,
    gateway: Gateway,
    cupboard: Cupboard,
    *,
    due: int,
    spent: Callable[[], Spent],
    tell: Tell,
    notice: Notice,
    wordy: bool = True,
    kin: Kin | None = None,
    clock: Callable[[], float] = time.time,
) -> Bench:
    """The bench of a run that has `due` steps behind it, with the archive as it was then."""
    plan = run.plan
    end = due * plan.batch
    archive = Archive(domain.axes)
    odds: Counter[tuple[str, bool]] = Counter()
    for arm, trial in slots.replay(ledger, run, end):
        won = trial is not None and archive.add(trial)
        if arm:
            odds[arm, won] += 1
    steering = Steering()
    for _, text, was_heard in inbox.messages(ledger, run.id):
        if was_heard:
            steering, _ = obey(steering, text, archive.axes)
    if steering.halt:  # it was obeyed when the run came to rest; being resumed overrules it
        steering = obey(steering, "", archive.axes)[0]
    ledger.remember_calls(run.id, end)
    seeds = list(itertools.islice(domain.seeds(rng_for("seeds", plan.seed)), plan.seeds))
    attempts = Attempts(run.id, domain, ledger, seeds, score_by_fitness=not plan.ablations.duel, kin=kin)
    mutator = Mutator(plan.bleu_limit if plan.ablations.filter else None)
    judge = Judge(plan.evaluations, plan.ablations.swap)

    def make_lab(aim: Aim) -> SlotLab:
        return SlotLab(
            run=run.id,
            seed=plan.seed,
            aim=aim,
            gateway=gateway,
            mutator=mutator,
            judge=judge,
            cupboard=cupboard,
            clock=clock,
        )

    def known(candidate: str, step: int) -> bool:
        # Only what was remembered when the step was laid out: what is in flight may or may not be there yet.
        return slots.tried(ledger, run, candidate, max(0, step - plan.lag) * plan.batch)

    flow = Flow(
        attempts,
        make_lab=make_lab,
        holders=_holders(ledger, run, domain, archive),
        judged=plan.ablations.duel,
        known=known,
        tell=tell,
    )
    emission = emission_of(domain, plan, len(seeds))
    return Bench(
        run=run,
        domain=domain,
        ledger=ledger,
        gateway=gateway,
        cupboard=cupboard,
        tell=tell,
        notice=notice,
        archive=archive,
        flow=flow,
        due=due,
        planner=Planner(plan, kin.figures if kin else {}),
        kin=kin,
        emission=emission and caught_up(emission, ledger, run, domain.genome, due),
        spent=spent,
        steering=steering,
        odds=odds,
        seeds=len(seeds),
        wordy=wordy,
        started=time.monotonic() - runs.seconds(ledger, run.id),
    )


def _holders(ledger: Ledger, run: Run, domain: Domain[Any], archive: Archive) -> dict[Cell, Entry[Any]]:
    numbers = [elite.slot for elite in archive.elites.values()]
    found = slots.entries(ledger, run, domain.genome, numbers)
    return {entry.outcome.cell: entry for entry in found if entry.outcome.cell is not None}


def _entry(finished: Finished) -> Entry[Any] | None:
    made = finished.made
    if made.candidate is None or made.outcome is None or made.fate != "evaluated":
        return None
    return Entry(candidate=made.candidate, outcome=made.outcome, slot=made.aim.slot)
