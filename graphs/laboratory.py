"""The laboratory of a study: everything that its graph works with, and the few things it does with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from wunderkammer.agents.science.commenting import comment
from wunderkammer.agents.science.proposer import Asks, propose
from wunderkammer.agents.science.questions import ask, checked, genome_at
from wunderkammer.agents.science.verdict import Pair, Rule, Trial, command_of, conclude
from wunderkammer.core.contract import Candidate, Domain, Outcome, Trains
from wunderkammer.core.errors import ConfigError, JobFailed, LedgerError, WunderError
from wunderkammer.core.events import Concluded, Designed, Event, Hypothesised, Worked
from wunderkammer.core.study import Hypothesis, StudyPlan
from wunderkammer.core.work import Job, Standing
from wunderkammer.jobs.dispatcher import Dispatcher
from wunderkammer.memory import studies
from wunderkammer.memory.findings import findings_about, keep_finding
from wunderkammer.memory.ledger import Ledger
from wunderkammer.models.gateway import Gateway

Tell = Callable[[Event], None]
Side = Literal["treatment", "control"]


class Studied(Domain[Any], Trains[Any], Protocol):
    """A domain of jobs that states measures and hypotheses (`core.study.Inquires`)."""

    measures: Mapping[str, float]

    def hypotheses(self) -> Sequence[Hypothesis]: ...


@dataclass
class Laboratory:
    """Context of the study graph. Every method may run twice: what the ledger has is not done again."""

    study: str
    plan: StudyPlan
    domain: Studied
    ledger: Ledger
    dispatcher: Dispatcher
    tell: Tell
    hear: Callable[[Standing], None] = lambda _: None
    """Is told of every change of a job."""
    gateway: Gateway | None = None
    """Where a model that can be listened to plays the scientist."""
    allowed: Callable[[], str] = lambda: ""
    """Why no further round may be begun; empty: it may."""
    _jobs: dict[str, Job] = field(default_factory=dict)

    # ---- hypothesise ---------------------------------------------------------------------------------------------

    async def hypothesise(self, round_: int) -> list[str]:
        """The ids of what this round tests, written down with thresholds; none where nothing is left to ask."""
        written = self._asked(round_)
        if not written and not self.allowed():
            known = findings_about(self.ledger, self.domain.name)
            tested = {event.hypothesis for event in studies.concluded(self.ledger, self.study)}
            proposals = await self._proposals(round_, known)
            questions = ask(self.plan, self.domain, known, tested, proposals)
            for question in questions:
                event = Hypothesised(
                    round=round_,
                    hypothesis=checked(question.hypothesis, self.domain),
                    pairs=question.pairs,
                    alpha=self.plan.alpha,
                    novelty=question.novelty,
                    information=question.information,
                )
                if self._fits([*written, event]):
                    written.append(event)
                    studies.hypothesise(self.ledger, self.study, event)
                    self.tell(event)
            await self.ledger.flush()
        return [event.hypothesis.id for event in written]

    def _asked(self, round_: int) -> list[Hypothesised]:
        return [event for event in studies.hypothesised(self.ledger, self.study) if event.round == round_]

    async def _proposals(self, round_: int, known: Sequence[Any]) -> list[Hypothesis]:
        if self.gateway is None or not round_:
            return []
        asks: Asks = self.gateway
        return await propose(self.study, round_, self.domain, known, asks)

    def _fits(self, asked: Sequence[Hypothesised]) -> bool:
        """Whether the jobs of a round stay within what the plan allows in all."""
        before = {job for event in studies.designed(self.ledger, self.study).values() for job in event.jobs}
        wanted = {job.id for event in asked for c in self._candidates(event) for job in self.domain.jobs(c)}
        return len(before | wanted) <= self.plan.most_jobs

    # ---- design --------------------------------------------------------------------------------------------------

    async def design(self, round_: int) -> list[str]:
        """Give every candidate of the round its slot and its jobs; returns the ids of the jobs, in order.

        Seed by seed, so that a study which is stopped half way has something of every hypothesis.
        """
        known = studies.designed(self.ledger, self.study)
        jobs: dict[str, Job] = {}
        candidates = [candidate for asked in self._asked(round_) for candidate in self._candidates(asked)]
        for candidate in sorted(candidates, key=lambda candidate: candidate.genome.seed):
            wanted = list(self.domain.jobs(candidate))
            jobs |= {job.id: job for job in wanted}
            if candidate.id not in known:
                event = Designed(
                    slot=len(known),
                    candidate=candidate.id,
                    seed=candidate.genome.seed,
                    jobs=tuple(job.id for job in wanted),
                )
                known[candidate.id] = event
                studies.design(self.ledger, self.study, candidate, self.domain.text(candidate.genome), event)
        await self.ledger.flush()
        self._jobs |= jobs
        return list(jobs)

    def _candidates(self, asked: Hypothesised) -> list[Candidate[Any]]:
        """Both sides of every pair, treatment first; a control that several hypotheses share is one candidate."""
        sides: tuple[Side, ...] = ("treatment", "control")
        return [self._candidate(asked.hypothesis, side, seed) for seed in self._seeds(asked) for side in sides]

    def _candidate(self, hypothesis: Hypothesis, side: Side, seed: int) -> Candidate[Any]:
        return Candidate(domain=self.domain.name, genome=genome_at(hypothesis, side, seed, self.domain))

    def _seeds(self, asked: Hypothesised) -> range:
        return range(self.plan.seed, self.plan.seed + asked.pairs)

    # ---- dispatch ------------------------------------------------------------------------------------------------

    async def dispatch(self, round_: int) -> None:
        """Hand the jobs of the round to the dispatcher, those that are not over yet.

        Raises `LedgerError` where the hypotheses they are for cannot be read back from the ledger: what is judged must
        be older than its evidence.
        """
        if not self._asked(round_):
            raise LedgerError(f"study {self.study} has nothing written down for round {round_}; nothing is dispatched")
        over = studies.worked(self.ledger, self.study)
        for name in await self.design(round_):
            if name not in over:
                self.hear(await self.dispatcher.submit(self._jobs[name]))

    async def wait(self, round_: int) -> None:
        """Until every job of the round is over; being cancelled leaves them running."""
        over = studies.worked(self.ledger, self.study)
        waiting = [name for name in await self.design(round_) if name not in over]
        if not waiting:
            return
        for name in waiting:
            await self._known(name)
        ended = await self.dispatcher.wait(waiting, self.hear)
        for name in waiting:
            event = last_word(ended[name])
            studies.work(self.ledger, self.study, event)
            self.tell(event)
        await self.ledger.flush()

    async def _known(self, name: str) -> None:
        """Submit a job of which the dispatcher has lost all trace since it was dispatched."""
        try:
            await self.dispatcher.standing(name)
        except ConfigError:
            self.hear(await self.dispatcher.submit(self._jobs[name]))

    # ---- measure -------------------------------------------------------------------------------------------------

    async def measure(self, round_: int) -> None:
        """Read what the jobs left behind into outcomes; a candidate with a failed job is a failure and no result."""
        known = studies.measured(self.ledger, self.study)
        over = studies.worked(self.ledger, self.study)
        slots = studies.designed(self.ledger, self.study)
        seen = set(known)
        for asked in self._asked(round_):
            for candidate in self._candidates(asked):
                if candidate.id not in seen:
                    seen.add(candidate.id)
                    found = self._read(candidate, over)
                    slot = slots[candidate.id].slot
                    studies.measure(self.ledger, self.study, slot, round_, candidate.id, found)
        await self.ledger.flush()

    def _read(self, candidate: Candidate[Any], over: Mapping[str, Worked]) -> Outcome | str:
        jobs = self.domain.jobs(candidate)
        for job in jobs:
            if over[job.id].status != "done":
                return f"job {job.id} {over[job.id].status}: {over[job.id].reason or 'no reason given'}"
        try:
            folders: dict[str, Path] = {job.id: self.dispatcher.artifacts(job.id) for job in jobs}
            return self.domain.read(candidate, {name: str(folder) for name, folder in folders.items()})
        except JobFailed as fault:
            return str(fault)

    # ---- conclude ------------------------------------------------------------------------------------------------

    async def conclude(self, round_: int) -> None:
        """Judge the round by the rule that was written down, and keep the findings."""
        done = {event.hypothesis for event in studies.concluded(self.ledger, self.study) if event.round == round_}
        asked = self._asked(round_)
        if all(event.hypothesis.id in done for event in asked):
            return
        trials = [trial_of(event, self.plan, self.domain, self.ledger, self.study) for event in asked]
        commands = [
            command_of(e.hypothesis, self.plan.options, self.plan.seed, e.pairs, 1 - self.plan.alpha) for e in asked
        ]
        rule = Rule(self.plan.alpha, self.plan.correction)
        for event, finding in zip(asked, conclude(self.study, trials, rule, commands), strict=True):
            if event.hypothesis.id in done:
                continue
            worded = finding if self.gateway is None else await comment(finding, self.gateway)
            keep_finding(self.ledger, worded)
            assert worded.verdict is not None
            said = Concluded(
                round=round_,
                hypothesis=event.hypothesis.id,
                finding=worded.id,
                verdict=worded.verdict,
                claim=worded.claim,
            )
            studies.conclude(self.ledger, self.study, said)
            self.tell(said)
        await self.ledger.flush()

    @property
    def spent_rounds(self) -> bool:
        """Whether the ledger says that every round is over."""
        return len({event.round for event in studies.concluded(self.ledger, self.study)}) >= self.plan.rounds


def trial_of(asked: Hypothesised, plan: StudyPlan, domain: Studied, ledger: Ledger, study: str) -> Trial:
    """A hypothesis with all that the ledger has measured for it."""
    hypothesis, measured = asked.hypothesis, studies.measured(ledger, study)
    over, designed = studies.worked(ledger, study), studies.designed(ledger, study)
    pairs, names, faults = [], dict[str, None](), dict[str, None]()
    for seed in range(plan.seed, plan.seed + asked.pairs):
        values = []
        for side in ("treatment", "control"):
            candidate: Candidate[Any] = Candidate(domain=domain.name, genome=genome_at(hypothesis, side, seed, domain))
            names[candidate.id] = None
            value, fault = _value(measured.get(candidate.id), hypothesis.measure)
            values.append(value)
            if fault:
                faults[fault] = None
        pairs.append(Pair(seed, *values))
    jobs = dict.fromkeys(job for name in names if name in designed for job in designed[name].jobs if job in over)
    return Trial(hypothesis, pairs, tuple(names), tuple(jobs), tuple(faults))


def _value(found: studies.Measured | None, measure: str) -> tuple[float | None, str]:
    if found is None:
        return None, "not measured yet"
    if found.outcome is None:
        return None, found.fault
    outcome = found.outcome
    value = {"score": outcome.score, "fitness": outcome.fitness, **outcome.measures}.get(measure)
    if value is None or value != value:
        return None, f"no figure for {measure}"
    return value, ""


def last_word(standing: Standing) -> Worked:
    """A job that is over, as the ledger keeps it."""
    status = standing.status
    if status not in ("done", "failed", "cancelled"):
        raise WunderError(f"job {standing.job.id} is said to be over, and {status}")
    return Worked(
        job=standing.job.id,
        title=standing.job.title,
        status=status,
        reason=standing.reason,
        seconds=standing.worked_s,
        gpus=standing.job.needs.gpus,
    )
