"""A session with the guide: one thread of conversation, over one office, in one event loop."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command as Resumption

from wunderkammer import domains
from wunderkammer.agents.guide.examination import Fitness, fitness
from wunderkammer.agents.guide.guide import MOST_STEPS, Guide
from wunderkammer.agents.guide.happenings import Tell
from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.agents.guide.speech import Speech
from wunderkammer.agents.guide.tool import Bounds, Toolbox
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.chat.reading import Request, read_plain, read_slash
from wunderkammer.apps.chat.tools import toolbox
from wunderkammer.apps.checkpoints import checkpoints
from wunderkammer.apps.installation import ledger_address
from wunderkammer.core.contract import Sampling
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.graphs import chat
from wunderkammer.memory import accounts
from wunderkammer.memory.ledger import Ledger, joined
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
        snapshot = await self._graph.aget_state(self._config)
        if snapshot.created_at is None or not snapshot.next:
            return None
        if snapshot.interrupts:
            return Turn("", snapshot.interrupts[0].value["question"])
        return await self._go(None)

    async def said(self, most: int = 20) -> list[tuple[str, str]]:
        """The latest messages of the thread, by speaker."""
        values = (await self._graph.aget_state(self._config)).values
        return [(one["role"], one["content"]) for one in values.get("messages", ()) if one["content"]][-most:]

    async def settle(self) -> None:
        """Write down what happened; between two turns nothing else would."""
        await self.office.ledger.flush()

    async def _go(self, given: Any) -> Turn:
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
    name = thread or f"once-{uuid.uuid4().hex[:12]}"
    if not _THREAD.fullmatch(name):
        raise ConfigError(f"--thread {name[:60]!r}: letters, digits, dots, dashes and underscores, at most 60")
    async with AsyncExitStack() as stack:
        settings.home.mkdir(parents=True, exist_ok=True)
        ledger = await stack.enter_async_context(joined(ledger_address(settings)))
        saver: BaseCheckpointSaver[Any] = (
            await stack.enter_async_context(checkpoints(settings)) if thread else InMemorySaver()
        )
        opened = await stack.enter_async_context(on_demand(settings))
        spent = _spent(ledger, PREFIX + name)
        limits = settings.budget.model_copy(update={"seconds": None})  # people think between two turns
        gateway = await stack.enter_async_context(
            Gateway(settings, ledger, budget.Budget(limits, spent), open_embedded=opened)
        )
        office = Office(settings, ledger, config)
        box = toolbox(office)
        speech = Speech(gateway, box, PREFIX + name, _sampling(settings))
        guide = Guide(speech, box, tell, lambda: situation(office), bounds, trusting)
        yield Session(office, gateway, box, guide, name, chat.build(saver))


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


def _spent(ledger: Ledger, thread: str) -> budget.Spent:
    by_role = accounts.spending(ledger, thread)
    return budget.Spent(
        calls=sum(role.attempts for role in by_role),
        prompt_tokens=sum(role.prompt_tokens for role in by_role),
        completion_tokens=sum(role.completion_tokens for role in by_role),
        money=sum(role.cost for role in by_role),
    )
