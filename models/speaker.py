"""How a question of each kind is put to a seat until its words are usable."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import BaseModel

from wunderkammer.core.errors import BadReply
from wunderkammer.models import ladder, structure, yesno
from wunderkammer.models.abilities import Abilities, Notebook
from wunderkammer.models.faults import Declined
from wunderkammer.models.question import Question
from wunderkammer.models.seats import Seat
from wunderkammer.models.server import Bill
from wunderkammer.models.wire import Choice, Completion

MOST_LOGPROBS = 20
"""Alternatives asked for where nobody said how many: what most servers allow at most."""
WORD_TOKENS = 4
"""For a sampled yes or no."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """Usable words, and what `Call.detail` keeps beside them."""

    texts: tuple[str, ...]
    detail: dict[str, Any] = field(default_factory=dict)


class Speaker:
    """Puts questions to any seat, and remembers what the servers turned out to be able to do.

    Every method raises what `Server.post` does, and BadReply after its fresh tries.
    """

    def __init__(self, notebook: Notebook, fresh: int) -> None:
        self._notebook = notebook
        self._fresh = fresh
        self._lowered: dict[tuple[str, str, type[BaseModel]], int] = {}

    async def words(self, seat: Seat, question: Question, bill: Bill) -> Answer:
        """As many non-empty texts as the question wants samples."""
        kept: list[Choice] = []
        misses, sent = 0, 0
        while (want := question.samples - len(kept)) > 0:
            choices, fault = await self._choices(seat, question, bill, want, first=sent)
            sent += want
            usable = [choice for choice in choices if choice.text.strip()]
            kept += usable[:want]
            if not usable:
                misses += 1
                if misses > self._fresh:
                    raise fault or BadReply(_emptiness(seat, choices))
        top = kept[0].first_token if question.top_logprobs else ()
        return Answer(tuple(choice.text for choice in kept), {"top": top} if top else {})

    async def form(self, seat: Seat, question: Question, bill: Bill) -> Answer:
        """One text that `structure.parse` reads as the question's schema.

        A reply that cannot be read takes this question one rung down. One that is no JSON at all, though the server
        was to hold it to JSON, shows that the server ignores that wish, which is remembered.
        """
        assert question.schema is not None
        lowered, last = 0, BadReply("")
        for turn in range(1 + self._fresh):
            step = ladder.rung(self._known(seat), self._below(seat, question, lowered))
            try:
                choice = await self._one(seat, question, bill, nth=turn, lowered=lowered)
                if not choice.text.strip():
                    raise BadReply(_emptiness(seat, [choice]))
                whole = choice.finish_reason != "length"
                structure.parse(question.schema, choice.text, whole=whole)
            except structure.OffSchema as fault:
                last = BadReply(f"{_place(seat)}: {fault}")
                if whole and not fault.json and step != "plain" and choice.message.refusal is None:
                    self._learn(seat, {"json_schema" if step == "schema" else "json_object": False})
                elif whole:
                    lowered += 1
            except BadReply as fault:
                last = fault
            else:
                return Answer((choice.text,))
        raise last

    async def yes(self, seat: Seat, question: Question, bill: Bill) -> Answer:
        """What `probability` reads: the alternatives of one token, or several words."""
        asked = replace(question, samples=1, top_logprobs=question.top_logprobs or MOST_LOGPROBS)
        if self._known(seat).logprobs != 0:
            choice = await self._one(seat, asked, bill)
            if (top := choice.first_token) is not None:
                answer = Answer((choice.text,), {"top": top})
                probability(answer.texts, answer.detail)
                return answer
            self._learn(seat, {"logprobs": 0})
        drawn = question.samples if question.samples > 1 else yesno.SAMPLES
        asked = replace(question, samples=drawn, top_logprobs=0, max_tokens=WORD_TOKENS)
        texts: list[str] = []
        while (want := drawn - len(texts)) > 0:
            choices, fault = await self._choices(seat, asked, bill, want, first=len(texts))
            if not choices:
                raise fault or BadReply(_emptiness(seat, choices))
            texts += [choice.text for choice in choices[:want]]
        probability(texts, {})
        return Answer(tuple(texts))

    async def _choices(
        self, seat: Seat, question: Question, bill: Bill, want: int, *, first: int
    ) -> tuple[list[Choice], BadReply | None]:
        """Up to `want` choices, in one request or, where the server gives one at a time, in as many.

        A reply too long to keep is a choice that is missing: the others are kept.
        """
        if want > 1 and self._known(seat).n is False:
            parts = await _together([self._some(seat, question, bill, 1, nth=first + k) for k in range(want)])
            return [choice for some, _ in parts for choice in some], next((f for _, f in parts if f), None)
        return await self._some(seat, question, bill, want, nth=first)

    async def _some(
        self, seat: Seat, question: Question, bill: Bill, n: int, *, nth: int
    ) -> tuple[list[Choice], BadReply | None]:
        try:
            choices = (await self._ask(seat, question, bill, n=n, nth=nth)).choices or ()
        except BadReply as fault:
            return [], fault
        if 0 < len(choices) < n:
            self._learn(seat, {"n": False})
        return list(choices), None

    async def _one(self, seat: Seat, question: Question, bill: Bill, *, nth: int = 0, lowered: int = 0) -> Choice:
        choices = (await self._ask(seat, question, bill, nth=nth, lowered=lowered)).choices
        if not choices:
            raise BadReply(_emptiness(seat, []))
        return choices[0]

    async def _ask(
        self, seat: Seat, question: Question, bill: Bill, *, n: int = 1, nth: int = 0, lowered: int = 0
    ) -> Completion:
        """One request, put again without what the server declines to take. `nth`: how many came before it."""
        seed = None if question.seed is None else question.seed + nth
        while True:
            known = self._known(seat)
            if known.n is False:
                n = 1
            below = self._below(seat, question, lowered)
            body = ladder.fields(question, known, n=n, seed=seed, lowered=below)
            try:
                return await seat.server.post(Completion, "/chat/completions", body, bill, question.load(n))
            except Declined as fault:
                taught = ladder.lesson(body, fault)
                if not taught:
                    raise
            if taught.lower and question.schema is not None:
                self._lowered[seat.name, seat.model, question.schema] = below + 1
            self._learn(seat, taught.changes)

    def _below(self, seat: Seat, question: Question, lowered: int) -> int:
        """Rungs to go down: for this question, and for its schema where this server refused that."""
        kind = question.schema
        return max(lowered, self._lowered.get((seat.name, seat.model, kind), 0)) if kind is not None else 0

    def _known(self, seat: Seat) -> Abilities:
        return self._notebook.get(seat.name, seat.model)

    def _learn(self, seat: Seat, changes: dict[str, Any]) -> None:
        self._notebook.learn(seat.name, seat.model, changes)


def probability(texts: tuple[str, ...] | list[str], detail: dict[str, Any]) -> float:
    """P(yes) of an answer to a yes/no question; BadReply where it is no answer."""
    return yesno.from_tokens(detail["top"]) if "top" in detail else yesno.from_words(texts)


def _place(seat: Seat) -> str:
    return f"{seat.model} at {seat.server.address.url}"


def _emptiness(seat: Seat, choices: list[Choice]) -> str:
    where = _place(seat)
    if not choices:
        return f"{where}: the reply holds no choices"
    if any(choice.finish_reason == "length" for choice in choices):
        return f"{where}: the reply is empty, though all of max_tokens was used: raise it"
    return f"{where}: the reply is empty"


async def _together(parts: list[Coroutine[Any, Any, T]]) -> list[T]:
    """All results, in order; the first failure ends the others."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
