"""A conversation that pages and programs take part in: one turn at a time, which goes on whoever listens."""

from __future__ import annotations

import asyncio
import json
import logging
import uuid
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any

from wunderkammer.agents.guide import happenings
from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.agents.guide.speech import Surface
from wunderkammer.apps.chat import sayings as says
from wunderkammer.apps.chat.commands import COMMANDS, nearest
from wunderkammer.apps.chat.reading import Request
from wunderkammer.apps.chat.session import Parlour, Turn
from wunderkammer.core.errors import RunBusy, WunderError
from wunderkammer.memory import sayings

HELP = ("help", "/help")
YES = ("yes", "y")
NO = ("no", "n")
ASKED = says.Asked.model_fields["kind"].default
LATEST = 20
"""Sayings that are looked through for a question that was not answered."""
BUG = "this is a bug of Wunderkammer; the log has the traceback"
REMEDY = "A larger model plays the guide where the role `guide` in wunder.toml names one."
log = logging.getLogger(__name__)


class Conversation:
    """One thread. Whatever begins a turn returns its name at once, and raises `RunBusy` while another is in hand."""

    def __init__(self, parlour: Parlour, thread: str, surface: Surface = "page") -> None:
        self.parlour = parlour
        self.thread = thread
        self.session = parlour.session(thread, self._hear, surface)
        self.turn = ""
        """The turn in hand, or the latest."""
        self.question = ""
        """What the user has to answer before it goes on; empty: nothing."""
        self.left = False
        """Whether it was left in the middle of a turn, by a process that is no more or by `stop`."""
        self.fault: WunderError | None = None
        """What the latest turn came to grief by."""
        self._ledger = parlour.office.ledger
        self._command: Request | None = None
        self._task: asyncio.Task[None] | None = None
        self._told: list[says.Saying] = []
        self._words = ""
        self._arguments: dict[str, Any] = {}
        self._news = asyncio.Event()

    async def load(self) -> Conversation:
        """Take up what the checkpoint says of where it stands."""
        standing = await self.session.standing()
        self.question, self.left = standing.question, standing.name == "left"
        return self

    async def take_up(self) -> Conversation:
        """Take up where another process left it: what its checkpoint says, and the question of a command, which no
        checkpoint has, asked by what was said last."""
        await self.load()
        if not (self.question or self.left):
            await self._ask_again(await asyncio.to_thread(sayings.said, self._ledger, self.thread, LATEST))
        return self

    async def _ask_again(self, said: Sequence[sayings.Kept]) -> None:
        if not said or said[-1].kind != ASKED:
            return
        words = [one.body.get("words", "") for one in said if (one.turn, one.kind) == (said[-1].turn, sayings.OPENS)]
        try:
            request = await asyncio.to_thread(self.session.read, words[-1].strip()) if words else None
            self.question = await self.session.question(request) if request is not None else ""
        except WunderError:  # what it was about is no more
            return
        self._command = request if self.question else None

    @property
    def working(self) -> bool:
        """Whether a turn is in hand."""
        return self._task is not None and not self._task.done()

    # ---- what the user does --------------------------------------------------------------------------------------

    def say(self, words: str) -> str:
        """Say something: a command, words for the guide, or yes or no to its question. Other words mean no."""
        return self._begin(self._take(words), says.Heard(words=words))

    def answer(self, yes: bool) -> str:
        """Answer the question; nothing happens where there is none."""
        return self._begin(self._answer(yes)) if self.question else self.turn

    def go_on(self) -> str:
        """Go on where it was left in the middle of a turn."""
        return self._begin(self._resume()) if self.left else self.turn

    def cut(self) -> None:
        """End the turn in hand, soon."""
        if self._task is not None:
            self._task.cancel()

    async def stop(self) -> None:
        """End the turn in hand; returns when it has ended."""
        self.cut()
        await self.wait()

    async def wait(self) -> None:
        """Until the turn in hand is over, or asks; who stops waiting does not stop it."""
        if self._task is not None:
            await asyncio.wait([self._task])

    # ---- what it is told -----------------------------------------------------------------------------------------

    async def follow(self, after: int = 0) -> AsyncIterator[tuple[int, says.Saying]]:
        """What is said in the turn in hand, or was in the latest, from its beginning or after a number, to its end."""
        told, at = self._told, after
        while True:
            while at < len(told):  # it grows while who listens takes what was yielded
                at += 1
                yield at, told[at - 1]
            if told is not self._told or not self.working:
                return
            await self._news.wait()

    async def said(self, most: int) -> list[sayings.Kept]:
        """What was said, but for the turn in hand, in order. Whether one is in hand does not change between the reading
        and the return, so that a turn is told here or by `follow`, and never by neither."""
        while True:
            before = (self.turn, self.working)
            kept = await asyncio.to_thread(sayings.said, self._ledger, self.thread, most)
            if before == (self.turn, self.working):
                return [one for one in kept if one.turn != self.turn] if self.working else kept

    def mark(self, key: str, body: dict[str, Any]) -> None:
        """Put a mark at what was said last, by which it is found again."""
        sayings.mark(self._ledger, self.thread, self.turn, key, body)

    # ---- turns ---------------------------------------------------------------------------------------------------

    def _begin(self, work: Coroutine[Any, Any, None], *opening: says.Saying) -> str:
        if self.working:
            work.close()
            raise RunBusy("an answer is being given in this conversation; wait for it, or stop it")
        self.turn, self._told, self._words, self.left = uuid.uuid4().hex[:12], [], "", False
        self.fault = None
        for saying in opening:
            self._tell(saying)
        self._task = asyncio.create_task(self._through(work))
        self._task.add_done_callback(self._over)
        return self.turn

    async def _through(self, work: Coroutine[Any, Any, None]) -> None:
        stopped = False
        try:
            await work
        except asyncio.CancelledError:  # by `stop`, or at the end of the process: this task is nobody else's
            stopped = True
            await self.load()
        except WunderError as fault:
            self.fault = fault
            self._tell(says.Fault(why=str(fault)))
            await self.load()
        except Exception:  # whoever listens is told that it ended; the log is where a bug belongs
            log.exception("thread %s", self.thread)
            self.fault = WunderError(BUG)
            self._tell(says.Fault(why=BUG))
        finally:
            self._speak()
            self._tell(says.Ended(asking=bool(self.question), left=self.left, stopped=stopped))
            await self.session.settle()

    def _over(self, task: asyncio.Task[None]) -> None:
        """The last word on a turn: what stood in the way of writing it down is logged, and who listens wakes up."""
        if not task.cancelled() and (fault := task.exception()) is not None:
            log.error("thread %s", self.thread, exc_info=fault)
        self._ring()

    async def _take(self, words: str) -> None:
        if self.question and (word := words.strip().strip(".!").casefold()) in (*YES, *NO):
            await self._answer(word in YES)
            return
        if self.question:
            self.question, self._command = "", None
            self._tell(says.Answered(yes=False))
        line = words.strip()
        if line.casefold() in HELP:
            self._tell(says.Used(direct=True, tool="help", arguments={}, sheet=help_sheet()))
            return
        request = await asyncio.to_thread(self.session.read, line)
        if request is None:
            await self._speech(words)
        elif question := await self.session.question(request):
            self._command = request
            self._ask(question)
        else:
            await self._do(request)

    async def _speech(self, words: str) -> None:
        able = await self.session.fitness()
        if able.fit:
            self._finish(await self.session.say(words))
        else:
            self._hear(happenings.Words(weakness(able.why, words, REMEDY)))

    async def _answer(self, yes: bool) -> None:
        request, self._command, self.question = self._command, None, ""
        self._tell(says.Answered(yes=yes))
        if request is None:
            self._finish(await self.session.answer(yes))
        elif yes:
            await self._do(request)
        else:
            self._tell(says.Failed(tool=request.command.tool, why="you said no"))

    async def _resume(self) -> None:
        turn = await self.session.resume()
        if turn is not None:
            self._finish(turn)

    async def _do(self, request: Request) -> None:
        tool, arguments = request.command.tool, request.arguments.model_dump(mode="json", exclude_defaults=True)
        self._tell(says.Using(tool=tool, arguments=arguments))
        sheet = await self.session.do(request)
        self._tell(says.Used(direct=True, tool=tool, arguments=arguments, sheet=sheet))

    def _finish(self, turn: Turn) -> None:
        if turn.question:
            self._ask(turn.question)

    def _ask(self, question: str) -> None:
        self._speak()
        self.question = question
        self._tell(says.Asked(question=question))

    # ---- telling -------------------------------------------------------------------------------------------------

    def _hear(self, event: happenings.Happening) -> None:
        """What the guide does, as it happens."""
        match event:
            case happenings.Words():
                self._words += event.piece
                self._tell(says.Piece(piece=event.piece))
            case happenings.Anew():
                self._words = ""
                self._tell(says.Anew())
            case happenings.Using():
                self._speak()
                self._arguments = json.loads(event.arguments)
                self._tell(says.Using(tool=event.tool, arguments=self._arguments))
            case happenings.Used():
                self._tell(says.Used(tool=event.tool, arguments=self._arguments, sheet=event.sheet))
            case happenings.Failed():
                self._speak()
                self._tell(says.Failed(tool=event.tool, why=event.why))

    def _speak(self) -> None:
        """Make one of the pieces that were heard."""
        words, self._words = self._words, ""
        if words.strip():
            self._tell(says.Spoken(words=words))

    def _tell(self, saying: says.Saying) -> None:
        self._told.append(saying)
        if not isinstance(saying, says.PASSING) and not (isinstance(saying, says.Ended) and not saying.stopped):
            body = saying.model_dump(mode="json", exclude={"kind"})
            sayings.keep(self._ledger, self.thread, self.turn, saying.kind, body)
        self._ring()

    def _ring(self) -> None:
        before, self._news = self._news, asyncio.Event()
        before.set()


def help_sheet() -> Sheet:
    """The commands."""
    rows = tuple((one.written, one.says) for one in COMMANDS)
    further = "Options are written NAME=VALUE. Anything else is for the guide."
    return Sheet(title=f"{len(rows)} commands", columns=("command", "what it does"), rows=rows, text=further)


def weakness(why: str, words: str, remedy: str) -> str:
    """The honest answer of a guide without a mind, with the commands that come nearest to what was said."""
    near = "; ".join(f"{one.written}: {one.says}" for one in nearest(words))
    hint = f" Commands work without it. Nearest: {near}." if near else " Commands work without it: /help."
    return f"I cannot answer this: {why}.{hint} {remedy}"
