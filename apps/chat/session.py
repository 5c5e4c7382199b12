"""A session with the guide: one thread of conversation. A parlour holds what any number of threads share."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command as Resumption

from wunderkammer import domains
from wunderkammer.agents.guide.examination import Fitness, fitness
from wunderkammer.agents.guide.guide import MOST_STEPS, Guide
from wunderkammer.agents.guide.happenings import Tell
from wunderkammer.agents.guide.history import mended, quoted
from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.agents.guide.speech import Speech, Surface
from wunderkammer.agents.guide.tool import Bounds, Toolbox
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.chat.reading import Request, read_plain, read_slash
from wunderkammer.apps.chat.tools import toolbox
from wunderkammer.apps.checkpoints import checkpoints
from wunderkammer.apps.installation import ledger_address
from wunderkammer.core.contract import Sampling
from wunderkammer.core.errors import ConfigError, RunBusy
from wunderkammer.core.settings import Settings
from wunderkammer.graphs import chat
from wunderkammer.memory import accounts
from wunderkammer.memory.ledger import Ledger, joined
from wunderkammer.memory.lock import owning
from wunderkammer.models import budget
from wunderkammer.models.embedded import on_demand
from wunderkammer.models.gateway import Gateway

PREFIX = "chat-"
"""Before a thread's name, where its checkpoints and calls are kept."""
REPLY_TOKENS = 1024
"""For a reply, where the role `guide` was not told how long it may be: tools need room for their arguments."""
CALM = 0.2
"""Its temperature, where the role was not told one."""
MOST_NOTES = 12
_THREAD = re.compile(r"[\w.-]{1,60}")


@dataclass(frozen=True)
class Turn:
    """What came of one message: what was said, or the question that stands in the way."""

    reply: str
    question: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a thread stands: idle; asking, with the question that stands in the way; left in the middle of a turn."""

    name: Literal["idle", "asking", "left"]
    question: str = ""


@dataclass
class Session:
    """One thread. `say` speaks to the guide, `do` does a command; both tell `tell` what happens meanwhile."""

    office: Office
    gateway: Gateway
    toolbox: Toolbox
    guide: Guide
    thread: str
    _graph: CompiledStateGraph[chat.Chat, Guide, chat.Heard, chat.Chat]
    _notes: list[str] = field(default_factory=list)
    """What the user did by commands since the guide was last spoken to."""

    # ---- without a model -----------------------------------------------------------------------------------------

    def read(self, line: str) -> Request | None:
        """The command that a line is, with its slash or unmistakably without; None: it is meant for the guide."""
        if line.startswith("/"):
            return read_slash(line, self.toolbox)
        known = [one.id for one in self.office.everything()]
        return read_plain(line, self.toolbox, known, domains.installed())

    async def question(self, request: Request) -> str:
        """What the user has to say yes to before a command is done; empty: nothing."""
        return await self.guide.question(self.toolbox.tools[request.command.tool], request.arguments)

    async def do(self, request: Request) -> Sheet:
        """Do a command."""
        tool = self.toolbox.tools[request.command.tool]
        sheet = await tool.do(request.arguments, uuid.uuid4().hex)
        if tool.changes:
            self._notes.append(f"/{request.command.name}: {sheet.title}")
        return sheet

    # ---- with one ------------------------------------------------------------------------------------------------

    async def fitness(self) -> Fitness:
        """Whether the guide's model is able to choose tools; examined once for each model."""
        return await fitness(self.guide.speech, self.office.settings)

    async def say(self, words: str) -> Turn:
        """Say something to the guide. A turn that was never finished is closed first."""
        notes, self._notes = self._notes[-MOST_NOTES:], []
        told = f"(Done by command meanwhile: {'; '.join(notes)})\n\n" if notes else ""
        return await self._go(chat.Heard(words=told + words))

    async def answer(self, yes: bool) -> Turn:
        """Answer the question that stands in the way."""
        return await self._go(Resumption(resume=yes))

    async def resume(self) -> Turn | None:
        """Go on where the thread was left in the middle of a turn; None where it was not."""
        standing = await self.standing()
        if standing.name == "left":
            return await self._go(None)
        return Turn("", standing.question) if standing.name == "asking" else None

    async def standing(self) -> Standing:
        """Where the thread stands, without doing anything."""
        snapshot = await self._graph.aget_state(self._config)
        if snapshot.created_at is None or not snapshot.next:
            return Standing("idle")
        if snapshot.interrupts:
            return Standing("asking", snapshot.interrupts[0].value["question"])
        return Standing("left")

    async def place(self) -> str:
        """The name of the point that the thread has come to, to go on from it again later; empty: nothing was said."""
        snapshot = await self._graph.aget_state(self._config)
        return str(snapshot.config["configurable"].get("checkpoint_id", "")) if snapshot.created_at else ""

    async def branch(self, thread: str, place: str) -> None:
        """Begin this thread, which is new, with what had been said in another when it came to a place. What was being
        done there is not taken over: a question of it stays there."""
        there: RunnableConfig = {"configurable": {"thread_id": PREFIX + thread, "checkpoint_id": place}}
        said = (await self._graph.aget_state(there)).values
        messages, earlier = mended(said.get("messages", [])), said.get("earlier", [])
        await self._begin({"turn": said.get("turn", 0), "messages": messages, "earlier": earlier})

    async def begin_with(self, record: Sequence[tuple[str, str]]) -> None:
        """Begin this thread, which is new, with a record by others of what was said before: speakers and words. It is
        data, not the guide's own memory, and what it says counts as written by a stranger."""
        await self._begin({"turn": 0, "messages": [quoted("record", record)], "earlier": []})

    async def _begin(self, values: dict[str, Any]) -> None:
        fresh = {"words": "", "step": 0, "wrong": 0, "pending": [], "verdicts": {}}
        await self._graph.aupdate_state(
            self._config, {**fresh, **values}, as_node="give_up"
        )  # after which nothing comes

    async def said(self, most: int = 20) -> list[tuple[str, str]]:
        """The latest messages of the thread, by speaker."""
        values = (await self._graph.aget_state(self._config)).values
        return [(one["role"], one["content"]) for one in values.get("messages", ()) if one["content"]][-most:]

    async def settle(self) -> None:
        """Write down what happened; between two turns nothing else would."""
        await self.office.ledger.flush()

    async def _go(self, given: Any) -> Turn:
        with _alone(self.office.home, PREFIX + self.thread):
            try:
                state = await self._graph.ainvoke(given, self._config, context=self.guide, durability="sync")
            finally:
                await asyncio.shield(self.settle())
        asked = state.get("__interrupt__")
        if asked:
            return Turn("", asked[0].value["question"])
        last = state["messages"][-1]
        return Turn(last["content"] if last["role"] == "assistant" else "")

    @property
    def _config(self) -> RunnableConfig:
        # Per reply: think, weigh, ask, and an act for each call; the graph ends by itself, this only catches bugs.
        return {"configurable": {"thread_id": PREFIX + self.thread}, "recursion_limit": 40 * MOST_STEPS}


@dataclass(frozen=True)
class Parlour:
    """What all threads of one process share: one office, one gateway, one store of checkpoints, in one event loop."""

    office: Office
    gateway: Gateway
    toolbox: Toolbox
    bounds: Bounds
    trusting: bool
    _graph: CompiledStateGraph[chat.Chat, Guide, chat.Heard, chat.Chat]

    def session(self, thread: str, tell: Tell, surface: Surface = "terminal") -> Session:
        """A session of a thread; `ConfigError` where its name cannot be one. A thread takes one turn at a time."""
        sampling = _sampling(self.office.settings)
        speech = Speech(self.gateway, self.toolbox, PREFIX + checked_thread(thread), sampling, surface)
        guide = Guide(speech, self.toolbox, tell, lambda: situation(self.office), self.bounds, self.trusting)
        return Session(self.office, self.gateway, self.toolbox, guide, thread, self._graph)


@asynccontextmanager
async def parlour(
    office: Office,
    *,
    kept: bool = True,
    spent: budget.Spent = budget.Spent(),
    bounds: Bounds = Bounds(),
    trusting: bool = False,
) -> AsyncIterator[Parlour]:
    """A parlour for the length of the block. kept: whether threads are; spent: what counts against `[budget]` already,
    which all of its threads share."""
    settings = office.settings
    async with AsyncExitStack() as stack:
        saver: BaseCheckpointSaver[Any] = (
            await stack.enter_async_context(checkpoints(settings)) if kept else InMemorySaver()
        )
        opened = await stack.enter_async_context(on_demand(settings))
        limits = settings.budget.model_copy(update={"seconds": None})  # people think between two turns
        gateway = await stack.enter_async_context(
            Gateway(settings, office.ledger, budget.Budget(limits, spent), open_embedded=opened)
        )
        yield Parlour(office, gateway, toolbox(office), bounds, trusting, chat.build(saver))


@asynccontextmanager
async def session(
    settings: Settings,
    tell: Tell,
    *,
    thread: str = "",
    config: Path | None = None,
    bounds: Bounds = Bounds(),
    trusting: bool = False,
) -> AsyncIterator[Session]:
    """A session for the length of the block. thread: its name; empty: one that nobody will come back to."""
    name = checked_thread(thread or f"once-{uuid.uuid4().hex[:12]}")
    settings.home.mkdir(parents=True, exist_ok=True)
    async with joined(ledger_address(settings)) as ledger:
        office, spent = Office(settings, ledger, config), spent_by(ledger, name)
        opened = parlour(office, kept=bool(thread), spent=spent, bounds=bounds, trusting=trusting)
        async with opened as place:
            yield place.session(name, tell)


@contextmanager
def _alone(home: Path, thread: str) -> Iterator[None]:
    """One turn of a thread at a time, whichever process answers it: a terminal's, a page's."""
    with ExitStack() as stack:
        try:
            stack.enter_context(owning(home, thread))
        except RunBusy:
            raise RunBusy(
                "this conversation is being answered elsewhere just now; try again when it has ended"
            ) from None
        yield


def checked_thread(name: str) -> str:
    """A thread's name as it is; `ConfigError` where it cannot be one."""
    if not _THREAD.fullmatch(name):
        raise ConfigError(f"thread {name[:60]!r}: letters, digits, dots, dashes and underscores, at most 60")
    return name


def situation(office: Office) -> str:
    """How things stand, in a few lines for the model; nothing in them was written by one."""
    known = office.everything()
    running = [one for one in known if one.status == "running"]
    latest = [f"{one.kind} {one.id} of {one.domain}: {one.status}" for one in known[:5]]
    return "\n".join(
        (
            f"{len(known)} runs, studies and hardenings in all, {len(running)} at work now.",
            *(("The latest: " + "; ".join(latest) + ".",) if latest else ()),
            f"Domains: {', '.join(domains.installed())}.",
        )
    )


def _sampling(settings: Settings) -> Sampling:
    if "guide" in settings.roles:
        return Sampling()
    return Sampling(temperature=CALM, max_tokens=max(REPLY_TOKENS, settings.role("guide").max_tokens))


def spent_by(ledger: Ledger, thread: str) -> budget.Spent:
    """What the calls of a thread have used up so far."""
    by_role = accounts.spending(ledger, PREFIX + thread)
    return budget.Spent(
        calls=sum(role.attempts for role in by_role),
        prompt_tokens=sum(role.prompt_tokens for role in by_role),
        completion_tokens=sum(role.completion_tokens for role in by_role),
        money=sum(role.cost for role in by_role),
    )
