"""A rehearsal without HTTP: a script's player answers in this process what it would answer over the wire.

For comparisons of many whole searches, in which a thousand calls should take a second. The gateway's speaker builds the
same bodies as for a server, the bodies pass through JSON, and the replies are read as a server's are; what is left
out is latency, faults, retries, limits, cache and accounts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from pydantic import BaseModel

from wunderkammer.core.calls import Call
from wunderkammer.core.contract import Role
from wunderkammer.core.settings import RoleSettings, ServerSettings
from wunderkammer.models import structure, wire
from wunderkammer.models.abilities import Notebook
from wunderkammer.models.address import parse
from wunderkammer.models.ask import Ask, Reply
from wunderkammer.models.question import Kind, Question
from wunderkammer.models.rehearsal import replies
from wunderkammer.models.rehearsal.ask import read_chat
from wunderkammer.models.rehearsal.script import Script
from wunderkammer.models.seats import Seat
from wunderkammer.models.server import Bill, Fields, Load, Server
from wunderkammer.models.speaker import Answer, Speaker, probability

URL = "http://offstage.invalid/v1"
"""Never asked: nobody resolves such a name."""


class Offstage:
    """Stands in for the gateway of a search: `complete`, `structured` and `yes`.

    models: who plays which role; `Planted` listens to the model's name. heard: is told the body of every request.
    """

    def __init__(
        self, script: Script, models: Mapping[Role, str], home: Path, heard: Callable[[Fields], None] | None = None
    ) -> None:
        self.calls: Counter[int] = Counter()
        """Requests by slot."""
        self._speaker = Speaker(Notebook(home), fresh=3)
        self._server = _Wireless(script, heard)
        self._models = models

    async def complete(self, ask: Ask) -> Reply:
        call = await self._answer(ask, "words")
        return Reply(call.texts, call)

    async def structured(self, ask: Ask) -> tuple[BaseModel, Reply]:
        assert ask.schema is not None
        call = await self._answer(ask, "form")
        return structure.parse(ask.schema, call.texts[0]), Reply(call.texts, call)

    async def yes(self, ask: Ask) -> float:
        call = await self._answer(ask, "yes")
        return probability(call.texts, call.detail)

    async def _answer(self, ask: Ask, kind: Kind) -> Call:
        model = self._models[ask.role]
        habits = RoleSettings(server="offstage", model=model)
        seat = Seat(ask.role, habits, cast(Server, self._server), URL, model, None)
        question, bill = Question.of(ask, kind, model, habits), Bill()
        speak = {"words": self._speaker.words, "form": self._speaker.form, "yes": self._speaker.yes}[kind]
        answer: Answer = await speak(seat, question, bill)
        self.calls[ask.slot] += bill.attempts
        return Call(
            id=question.hash(URL),
            run=ask.run,
            slot=ask.slot,
            role=ask.role,
            server=URL,
            model=model,
            request="",
            texts=answer.texts,
            detail=answer.detail,
            attempts=bill.attempts,
        )


class _Wireless:
    """A server that is a function."""

    def __init__(self, script: Script, heard: Callable[[Fields], None] | None) -> None:
        self.address = parse(URL)
        self.settings = ServerSettings(url=URL)
        self._script = script
        self._heard = heard

    async def post(self, kind: type[wire.B], path: str, body: Fields, bill: Bill, load: Load = Load()) -> wire.B:
        bill.attempts += 1
        if self._heard is not None:
            self._heard(body)
        reply = replies.chat(self._script, read_chat(json.loads(json.dumps(body)), f"/v1{path}"))
        return wire.read(kind, json.dumps(reply).encode(), URL)
