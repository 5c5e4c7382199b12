"""How a conversation with tools is put to a seat: streamed where it can be, and again where nothing was said."""

from __future__ import annotations

from typing import Any

from wunderkammer.core.errors import BadReply
from wunderkammer.models import ladder, stream
from wunderkammer.models.abilities import Abilities, Notebook
from wunderkammer.models.faults import Declined
from wunderkammer.models.seats import Seat
from wunderkammer.models.server import Bill, Fields
from wunderkammer.models.speaker import Answer
from wunderkammer.models.talk import Hears, Talk, ToolForm, Turn, calls_in
from wunderkammer.models.wire import Completion

LOOK = ToolForm(
    name="look",
    says="Look at a place.",
    parameters={"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
)


class NoTools(BadReply):
    """The server declines to offer tools to its model."""

    retryable = False


class Talker:
    """Puts talks to seats. Raises what `Server.listen` does, BadReply after its fresh tries, and NoTools."""

    def __init__(self, notebook: Notebook, fresh: int) -> None:
        self._notebook = notebook
        self._fresh = fresh

    async def speak(self, seat: Seat, talk: Talk, bill: Bill, hears: Hears) -> Answer:
        """Words, or tools that are asked for (`Call.detail["tools"]`), or both."""
        misses = 0
        while True:
            reply = await self._ask(seat, talk, bill, hears)
            message = reply.choices[0].message if reply.choices else None
            calls = calls_in(message) if message else ()
            text = stream.unveiled(reply.choices[0].text) if reply.choices else ""
            if calls or text.strip():
                asked = {"tools": [call.model_dump() for call in calls]} if calls else {}
                return Answer((text,) if text.strip() else (), asked)
            misses += 1
            if misses > self._fresh:
                raise BadReply(f"{seat.model} at {seat.server.address.url}: the reply is empty")

    async def can_call(self, seat: Seat, bill: Bill) -> bool:
        """Whether the model calls a tool when told that it must; asked once, then remembered."""
        known = self._known(seat).tools
        if known is None:
            words = Turn(role="user", content="Look at Paris.")
            try:
                answer = await self.speak(seat, Talk("guide", (words,), (LOOK,), must=True), bill, Deaf())
                known = bool(answer.detail.get("tools"))
            except BadReply:
                known = False
            except Declined as fault:
                if fault.status not in ladder.TEACHING:
                    raise
                known = False  # it takes everything else of the request, or will say so when it is asked for words
            self._learn(seat, {"tools": known})
        return known

    async def _ask(self, seat: Seat, talk: Talk, bill: Bill, hears: Hears) -> Completion:
        while True:
            known = self._known(seat)
            if talk.tools and known.tools is False:
                raise NoTools(f"{seat.model} at {seat.server.address.url} takes no tools")
            body = _taken(talk.fields(seat.model, seat.habits), known)
            limit = body.get("max_tokens", body.get("max_completion_tokens"))
            load = talk.load(limit if isinstance(limit, int) else seat.habits.max_tokens)
            try:
                if known.streaming is False:
                    reply = await seat.server.post(Completion, "/chat/completions", body, bill, load)
                    _tell(reply, hears)
                    return reply
                return await self._listen(seat, body, bill, load, hears)
            except Declined as fault:
                taught = ladder.lesson(body, fault)
                if not taught.changes:
                    raise
            self._learn(seat, taught.changes)

    async def _listen(self, seat: Seat, body: Fields, bill: Bill, load: Any, hears: Hears) -> Completion:
        heard = Heard(hears)

        def gathering() -> stream.Gathering:
            heard.begin()
            return stream.Gathering(stream.Veil(heard), seat.server.address.url, seat.server.settings.max_reply_bytes)

        streamed: Fields = {**body, "stream": True, "stream_options": {"include_usage": True}}
        try:
            reply = await seat.server.listen("/chat/completions", streamed, bill, load, gathering)
        except Declined as fault:
            taught = ladder.lesson(streamed, fault)
            if taught.changes.get("streaming") is not False:
                raise
            self._learn(seat, {"streaming": False})
            reply = await seat.server.post(Completion, "/chat/completions", body, bill, load)
        if not heard.any:  # a server that paid no heed and answered in one piece
            _tell(reply, hears)
        return reply

    def _known(self, seat: Seat) -> Abilities:
        return self._notebook.get(seat.name, seat.model)

    def _learn(self, seat: Seat, changes: dict[str, Any]) -> None:
        self._notebook.learn(seat.name, seat.model, changes)


class Deaf:
    """Hears nothing."""

    def words(self, piece: str) -> None: ...

    def anew(self) -> None: ...


class Heard:
    """Passes words on, and notes whether there were any in this try."""

    def __init__(self, hears: Hears) -> None:
        self._hears = hears
        self.any = False

    def begin(self) -> None:
        """A try begins; what an earlier one brought is void."""
        if self.any:
            self._hears.anew()
        self.any = False

    def words(self, piece: str) -> None:
        self.any = True
        self._hears.words(piece)


def _tell(reply: Completion, hears: Hears) -> None:
    text = stream.unveiled(reply.choices[0].text) if reply.choices else ""
    if text.strip():
        hears.words(text)


def _taken(body: Fields, known: Abilities) -> Fields:
    """The fields that the server is not known to refuse."""
    dropped = {name for name in ("temperature", "top_p") if getattr(known, name) is False}
    kept = {name: value for name, value in body.items() if name not in dropped}
    if known.max_completion_tokens:
        kept["max_completion_tokens"] = kept.pop("max_tokens")
    return kept
