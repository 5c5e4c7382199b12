"""The one door to every model: what was answered before is not asked again, and every answer is written down."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

from pydantic import BaseModel

from wunderkammer.core.calls import Call, Recorder
from wunderkammer.core.errors import BudgetExceeded, ModelError
from wunderkammer.core.ids import content_id
from wunderkammer.core.serving import OpenServer
from wunderkammer.core.settings import Settings
from wunderkammer.models import structure, vectors
from wunderkammer.models.abilities import Abilities, Notebook
from wunderkammer.models.ask import Ask, Reply
from wunderkammer.models.budget import Budget
from wunderkammer.models.patience import Patience
from wunderkammer.models.question import Kind, Question
from wunderkammer.models.seats import OpenEmbedded, Seat, Seats
from wunderkammer.models.server import Bill
from wunderkammer.models.speaker import Answer, Speaker, probability
from wunderkammer.models.talk import Hears, Spoken, Talk
from wunderkammer.models.talker import Talker


class Gateway:
    """Questions to roles. One gateway serves one process and one event loop, and any number of tasks.

    Every method raises `ModelError` once its retries are used up (`Refused` at once), `BudgetExceeded` before a request
    that a hard limit forbids, and `ConfigError` where a role cannot be seated.
    """

    def __init__(
        self,
        settings: Settings,
        recorder: Recorder,
        budget: Budget,
        *,
        clock: Callable[[], float] = time.time,
        open_embedded: OpenEmbedded | None = None,
        open_server: OpenServer | None = None,
        patience: Patience = Patience(),
    ) -> None:
        self._recorder = recorder
        self._clock = clock
        self._seats = Seats(
            settings, budget, patience, clock=clock, open_embedded=open_embedded, open_server=open_server
        )
        self._notebook = Notebook(settings.home)
        self._speaker = Speaker(self._notebook, patience.fresh)
        self._talker = Talker(self._notebook, patience.fresh)
        self._order = itertools.count()
        self.budget = budget

    async def complete(self, ask: Ask) -> Reply:
        """`ask.samples` texts, each non-empty."""
        call = await self._answer(ask, "words", self._speaker.words)
        return Reply(call.texts, call)

    async def structured(self, ask: Ask) -> tuple[BaseModel, Reply]:
        """One reply as an instance of `ask.schema`."""
        if ask.schema is None or ask.samples != 1:
            raise ValueError("a structured ask has a schema and one sample")
        call = await self._answer(ask, "form", self._speaker.form)
        return structure.parse(ask.schema, call.texts[0]), Reply(call.texts, call)

    async def yes(self, ask: Ask) -> float:
        """P(yes) of a question to be answered by yes or no: from the log-probabilities of one token, else the share of
        yes among `ask.samples` words (`yesno.SAMPLES` where that is 1). BadReply where the model says neither."""
        call = await self._answer(ask, "yes", self._speaker.yes)
        return probability(call.texts, call.detail)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector per text, by the embedder role. Recorded without the vectors, and never recalled."""
        if not texts:
            return []
        seat = await self._seats.of("embedder")
        request = content_id(seat.name, "embed", seat.model, list(texts))
        found: list[list[float]] = []

        async def work(bill: Bill) -> Answer:
            found.extend(await vectors.embed(seat, texts, bill))
            return Answer((), {"vectors": len(found), "length": len(found[0])})

        await self._send(seat, "", -1, self._unique(request), request, work)
        return found

    async def converse(self, talk: Talk, hears: Hears) -> Spoken:
        """A reply to a conversation, its words heard as they come. A try that breaks off is made again, and `hears` is
        told that what it heard is void; who cancels pays for what had come. `NoTools` where the server takes none.

        What was answered before in the same run, or is recalled from the cache, is heard at once.
        """
        seat = await self._seats.of(talk.role)
        request = talk.hash(seat.name, seat.model, seat.habits)
        call_id = content_id(talk.run, talk.slot, request, talk.nonce) if talk.run else self._unique(request)
        known = self._recorder.recall(call_id) if talk.run else None
        if known is None or known.status != "ok":
            known = None
            if _keeps(seat, talk.sampling.temperature) and (found := await self._recorder.cached(request)):
                known = self._repeat(found, talk.run, talk.slot, talk.role, call_id)
        if known is not None:
            spoken = Spoken.of(known)
            if spoken.text:
                hears.words(spoken.text)
            return spoken
        return Spoken.of(
            await self._send(
                seat, talk.run, talk.slot, call_id, request, lambda bill: self._talker.speak(seat, talk, bill, hears)
            )
        )

    async def calls_tools(self, role: str) -> bool:
        """Whether a role's model calls tools natively; found out by one question, then remembered."""
        seat = await self._seats.of(role)
        known = self._notebook.get(seat.name, seat.model).tools
        if known is not None:
            return known
        request = content_id(seat.name, "tools", seat.model)

        async def work(bill: Bill) -> Answer:
            return Answer(("yes" if await self._talker.can_call(seat, bill) else "no",))

        return (await self._send(seat, "", -1, self._unique(request), request, work)).texts == ("yes",)

    async def seat(self, role: str) -> tuple[str, str]:
        """Server (`embedded`, or its address) and model of a role."""
        found = await self._seats.of(role)
        return found.name, found.model

    async def abilities(self, role: str) -> Abilities:
        """What is known of a role's model."""
        return self._notebook.get(*await self.seat(role))

    async def learn(self, role: str, **changes: bool) -> None:
        """Note what was found out about a role's model."""
        self._notebook.learn(*await self.seat(role), changes)

    @property
    def in_flight(self) -> int:
        """Requests sent and not yet answered."""
        return self._seats.in_flight

    async def close(self) -> None:
        """Close every connection; what is in flight fails."""
        await self._seats.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _answer(self, ask: Ask, kind: Kind, speak: Callable[[Seat, Question, Bill], Awaitable[Answer]]) -> Call:
        """The call that answers: recalled from this run, or from the cache, or made now."""
        seat = await self._seats.of(ask.role)
        question = Question.of(ask, kind, seat.model, seat.habits)
        request = question.hash(seat.name)
        if ask.run:
            call_id = content_id(ask.run, ask.slot, request, ask.nonce)
            known = self._recorder.recall(call_id)
            if known is not None and known.status == "ok":
                return known
        else:
            call_id = self._unique(request)
        if _caches(seat, ask):
            found = await self._recorder.cached(request)
            if found is not None and found.status == "ok":
                return self._repeat(found, ask.run, ask.slot, ask.role, call_id)
        return await self._send(seat, ask.run, ask.slot, call_id, request, lambda bill: speak(seat, question, bill))

    async def _send(
        self, seat: Seat, run: str, slot: int, call_id: str, request: str, work: Callable[[Bill], Awaitable[Answer]]
    ) -> Call:
        """Do the work and write it down, however it ends."""
        at = self._clock()
        bill = Bill(seat.price)

        def write(answer: Answer, error: str | None = None) -> Call:
            call = Call(
                # A failure must not stand in the way of the same question's later answer.
                id=call_id if error is None else content_id(call_id, "failed", at),
                run=run,
                slot=slot,
                role=seat.role,
                server=seat.name,
                model=seat.model,
                request=request,
                texts=tuple(map(seat.server.address.redact, answer.texts)),
                detail={**answer.detail, "estimated": True} if bill.estimated else answer.detail,
                prompt_tokens=bill.prompt_tokens,
                completion_tokens=bill.completion_tokens,
                cost=bill.cost,
                seconds=self._clock() - at,
                attempts=bill.attempts,
                status="ok" if error is None else "error",
                error=error,
                at=at,
            )
            self._recorder.record(call)
            return call

        try:
            answer = await work(bill)
        except ModelError as fault:
            write(Answer(()), str(fault))
            raise
        except (BudgetExceeded, asyncio.CancelledError) as end:
            if bill.attempts:  # else nothing happened
                write(Answer(()), str(end) or "cancelled")
            raise
        return write(answer)

    def _repeat(self, found: Call, run: str, slot: int, role: str, call_id: str) -> Call:
        """An earlier answer to an equal request, written down as this question's; it costs nothing."""
        mine = {"id": call_id, "run": run, "slot": slot, "role": role, "at": self._clock(), "cached": True}
        free = {"prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0, "seconds": 0.0, "attempts": 0}
        call = found.model_copy(update={**mine, **free})
        self._recorder.record(call)
        return call

    def _unique(self, request: str) -> str:
        """An id for a call that no other question may share."""
        return content_id("once", request, self._clock(), next(self._order))


def _caches(seat: Seat, ask: Ask) -> bool:
    """Whether equal requests are answered from the ledger: as the role says, else where nothing is drawn."""
    return _keeps(seat, ask.sampling.temperature)


def _keeps(seat: Seat, asked: float | None) -> bool:
    """The same, by the temperature that was asked for."""
    if seat.habits.cache is not None:
        return seat.habits.cache
    return (seat.habits.temperature if asked is None else asked) == 0
