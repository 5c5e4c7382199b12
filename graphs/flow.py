"""Slots in flight: each proposes, is evaluated and fights for its cell, while others do the same.

However fast or slow the servers answer, the result is the same. Three rules see to that:
1. what a slot is asked (its `Aim`) was fixed before it started;
2. slots learn their cell in any order, but claim it in slot order;
3. the duels of one cell are held one after the other, in slot order; different cells do not wait for each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from wunderkammer.agents.lab import SlotLab
from wunderkammer.core.contract import Candidate, Cell, Domain, Duels, Entry, Verdict
from wunderkammer.core.errors import ModelError
from wunderkammer.core.events import Explored
from wunderkammer.core.records import Aim
from wunderkammer.graphs.attempt import Attempts, Made, evaluator
from wunderkammer.graphs.gathering import Gathering
from wunderkammer.memory import slots
from wunderkammer.memory.archive import Trial, trial_of, wins

Last = Literal["elite", "lost", "off-grid", "filtered", "duplicate", "unusable", "error"]


@dataclass(frozen=True, slots=True)
class Finished:
    """A slot that has run to its end."""

    made: Made
    fate: Last
    verdict: Verdict | None = None

    @property
    def trial(self) -> Trial | None:
        """What the archive is told; None where there is nothing to place."""
        made = self.made
        if made.candidate is None or made.outcome is None:
            return None
        accepted = self.verdict.accepted if self.verdict else None
        return trial_of(made.aim.slot, made.candidate.id, made.outcome, accepted)

    def event(self, text: str) -> Explored:
        """What watchers are told."""
        made, found = self.made, self.made.outcome
        return Explored(
            slot=made.aim.slot,
            candidate=made.candidate.id if made.candidate else None,
            text=text[:280],
            fate=self.fate,
            cell=found.cell if found else None,
            score=found.score if found else None,
            fitness=found.fitness if found else None,
            verdict=self.verdict,
            reason=made.reason,
        )


class Flow:
    """Runs the slots of one run.

    holders: who holds each cell, including slots that are finished but not yet remembered. Grows with the archive,
    not with the run. judged: whether a duel decides, rather than a higher score.
    """

    def __init__(
        self,
        attempts: Attempts,
        *,
        make_lab: Callable[[Aim], SlotLab],
        holders: dict[Cell, Entry[Any]],
        judged: bool,
        known: Callable[[str, int], bool],
        tell: Callable[[Explored], None],
    ) -> None:
        self.holders = holders
        self.judged = judged and isinstance(attempts.domain, Duels)
        self.attempts = attempts
        self._domain: Domain[Any] = attempts.domain
        self._make_lab = make_lab
        self._known = known
        self._tell = tell
        self._tasks: dict[int, asyncio.Task[Finished]] = {}
        self._last_turn: asyncio.Future[None] | None = None
        self._claims: dict[Cell, asyncio.Future[None]] = {}

    # ---- from outside --------------------------------------------------------------------------------------------

    def start(self, aims: Sequence[Aim], parents: Mapping[str, Candidate[Any]], kept: Mapping[int, slots.Kept]) -> None:
        """Set the slots of one step going.

        parents: the candidates that the aims name. kept: what the ledger already has of these slots, after a resume.
        """
        gathering = Gathering(evaluator(self._domain), aims)
        for aim in aims:
            before, self._last_turn = self._last_turn, _promise()
            work = self._explore(aim, parents, kept.get(aim.slot), gathering, before, self._last_turn)
            self._tasks[aim.slot] = asyncio.create_task(work, name=f"slot {aim.slot}")

    async def finish(self, slot: int) -> Finished:
        """Wait for a slot; who is cancelled while waiting leaves the slot at work."""
        return await asyncio.shield(self._tasks[slot])

    async def take(self, slot: int) -> Finished:
        """A finished slot, handed over for good; after a resume it may have to be waited for once more."""
        finished = await self.finish(slot)
        del self._tasks[slot]
        return finished

    async def settled(self) -> None:
        """Wait until it is clear whether a server that failed is down: a later slot succeeded, or none is at work.

        Raises what a slot was ended by meanwhile.
        """
        while self.attempts.failing and (working := [task for task in self._tasks.values() if not task.done()]):
            await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
        for task in self._tasks.values():
            if task.done() and not task.cancelled() and (fault := task.exception()):
                raise fault

    async def abandon(self) -> None:
        """Stop all work. What the ledger has is kept; the rest will be done again."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ---- one slot ------------------------------------------------------------------------------------------------

    async def _explore(
        self,
        aim: Aim,
        parents: Mapping[str, Candidate[Any]],
        kept: slots.Kept | None,
        gathering: Gathering,
        before: asyncio.Future[None] | None,
        turn: asyncio.Future[None],
    ) -> Finished:
        lab = self._make_lab(aim)
        with _kept_promise(turn) as claimed:
            try:
                made = await self._made(aim, parents, kept, lab, gathering)
            finally:
                gathering.pass_by(aim.slot)
            if before:
                await before
            trial = Finished(made, "elite").trial
            if trial is None:
                return self._end(Finished(made, "off-grid" if made.fate == "evaluated" else made.fate))
            ahead = self._claims.get(trial.cell)
            mine = self._claims[trial.cell] = _promise()
            claimed()  # the next slot may take its turn while we wait for our cell
        with _kept_promise(mine):
            if ahead:
                await ahead
            finished = await self._challenge(made, trial, lab, kept.verdict if kept else None)
        if self._claims.get(trial.cell) is mine:
            del self._claims[trial.cell]
        return self._end(finished)

    async def _made(
        self,
        aim: Aim,
        parents: Mapping[str, Candidate[Any]],
        kept: slots.Kept | None,
        lab: SlotLab,
        gathering: Gathering,
    ) -> Made:
        if kept is not None:
            return Made(aim, kept.fate, kept.candidate, kept.outcome, kept.arm, kept.reason)
        family = [parents[name] for name in aim.parents]
        return await self.attempts.make(aim, family, lab, gathering, lambda name: self._known(name, aim.step))

    async def _challenge(self, made: Made, trial: Trial, lab: SlotLab, kept: Verdict | None) -> Finished:
        """Let the candidate claim its cell; the holder's place is changed here, and nowhere else."""
        assert made.candidate is not None
        assert made.outcome is not None
        challenger: Entry[Any] = Entry(candidate=made.candidate, outcome=made.outcome, slot=made.aim.slot)
        holder = self.holders.get(trial.cell)
        verdict = None
        if holder is None:
            won = True  # an empty cell takes the first who comes
        elif holder.candidate.id == trial.candidate:
            won = False  # nobody replaces himself: a lucky second evaluation is no progress
        elif self.judged:
            verdict = kept or await self._duel(challenger, holder, lab)
            won = verdict.accepted
            slots.keep_duel(self.attempts.ledger, self.attempts.run, made.aim.slot, holder.slot, verdict)
        else:
            won = wins(trial.score, holder.outcome.score)
        if won:
            self.holders[trial.cell] = challenger
        return Finished(made, "elite" if won else "lost", verdict)

    async def _duel(self, challenger: Entry[Any], holder: Entry[Any], lab: SlotLab) -> Verdict:
        assert isinstance(self._domain, Duels)
        try:
            return await self._domain.prefers(challenger, holder, lab)
        except ModelError as fault:
            self.attempts.failed(fault)
            return Verdict(votes=("void",), reasons=(str(fault),))  # nobody voted: the holder stays, and we say why

    def _end(self, finished: Finished) -> Finished:
        candidate = finished.made.candidate
        self._tell(finished.event(self._domain.text(candidate.genome) if candidate else ""))
        return finished


class _Overtaking(Exception):
    """A slot before this one broke off and will be run again; this one must wait until then."""


class _kept_promise:
    """Resolve a promise when the block ends, whichever way, so that nobody waits for ever."""

    def __init__(self, promise: asyncio.Future[None]) -> None:
        self._promise = promise

    def __enter__(self) -> Callable[[], None]:
        return self._resolve

    def _resolve(self) -> None:
        if not self._promise.done():
            self._promise.set_result(None)

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: object) -> None:
        if fault is None:
            self._resolve()
        elif not self._promise.done():
            self._promise.set_exception(fault if isinstance(fault, Exception) else _Overtaking())


def _promise() -> asyncio.Future[None]:
    promise: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    # A promise that broke and was never waited for is no fault: read the exception, so that asyncio does not complain.
    promise.add_done_callback(lambda done: done.cancelled() or done.exception())
    return promise
