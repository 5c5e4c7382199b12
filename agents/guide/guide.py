"""The guide at work on a conversation: what every node of the chat calls. It chooses tools; tools do things."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from wunderkammer.agents.guide.happenings import Failed, Tell, Used, Using, Voice
from wunderkammer.agents.guide.history import Message, bounded, mended, message
from wunderkammer.agents.guide.sheet import told
from wunderkammer.agents.guide.speech import Speech
from wunderkammer.agents.guide.tool import FREE, Bounds, Price, Tool, Toolbox, WrongCall
from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import WunderError

MOST_STEPS = 8
"""Replies of the model to one message of the user."""
MOST_WRONG = 3
"""Wrong calls in one turn; a model that has made so many does not learn it any more."""
TIRED = "I have used many tools without coming to an end, and stop here. Ask for a part of it, or use a command: /help"
AT_A_LOSS = "I did not manage to call a tool rightly, and stop here. A command does it without me: /help"
DENIED = "The user said no. It was not done."


class Pending(TypedDict):
    """A call that waits to be done."""

    id: str
    name: str
    arguments: str
    """A JSON object that was checked."""
    question: str
    """What the user has to say yes to; empty: nothing."""
    fault: str
    """Why it is not done; empty: it may be."""


@dataclass(frozen=True)
class Guide:
    """One conversation's guide.

    situation: how things stand, in a few lines of the program's own words. trusting: the user has said yes to
    everything beforehand.
    """

    speech: Speech
    toolbox: Toolbox
    tell: Tell
    situation: Callable[[], str]
    bounds: Bounds
    trusting: bool = False

    def hear(
        self, messages: Sequence[Message], earlier: Sequence[str], words: str, turn: int
    ) -> tuple[list[Message], list[str]]:
        """The conversation with what the user says now."""
        said = message(f"{turn}-user", "user", words)
        return bounded([*mended(messages), said], earlier)

    async def think(self, messages: Sequence[Message], earlier: Sequence[str], turn: int, step: int) -> Message:
        """The model's next message; the program's own where it has gone on for too long."""
        name = f"{turn}-{step}"
        if step >= MOST_STEPS:
            return self._close(name, TIRED)
        kept, lines = bounded(messages, earlier)
        found = await self.speech.next(kept, self.situation(), lines, turn, step, Voice(self.tell))
        return message(name, "assistant", found.words, found.calls)

    async def weigh(self, messages: Sequence[Message]) -> list[Pending]:
        """The calls of the last message: which are wrong, and which the user has to say yes to."""
        touched = any(one["foreign"] for one in messages)
        found: list[Pending] = []
        for call in messages[-1]["calls"]:
            try:
                tool, arguments = self.toolbox.read(call["name"], call["arguments"])
                given = arguments.model_dump_json(exclude_defaults=True)
                question = await self.question(tool, arguments, touched=touched)
                found.append(Pending(id=call["id"], name=tool.name, arguments=given, question=question, fault=""))
            except (WrongCall, WunderError) as fault:
                found.append(Pending(**call, question="", fault=str(fault)))
        return found

    async def question(self, tool: Tool, arguments: Frozen, *, touched: bool = False) -> str:
        """What the user has to say yes to before a tool does this; empty where nothing.

        touched: the model has read words of candidates or models, which may be what made it ask: then everything that
        changes something is asked for, whatever it costs.
        """
        if self.trusting or not tool.changes:
            return ""
        if question := await question_of(tool, arguments, self.bounds):
            return question
        if touched:
            return f"{described(tool, arguments)}: the guide asks for this after reading texts of candidates. Do it?"
        return ""

    async def act(self, call: Pending, verdicts: dict[str, bool]) -> Message:
        """Do one call, or say why not: the message that answers it."""
        if call["fault"]:
            self.tell(Failed(call["name"], call["fault"]))
            return self._answer(call, f"This was not done: {call['fault']}.")
        if call["question"] and not verdicts.get(call["id"], False):
            self.tell(Failed(call["name"], "you said no"))
            return self._answer(call, DENIED)
        tool, arguments = self.toolbox.read(call["name"], call["arguments"])
        self.tell(Using(tool.name, call["arguments"]))
        try:
            sheet = await tool.do(arguments, call["id"])
        except WunderError as fault:
            self.tell(Failed(tool.name, str(fault)))
            return self._answer(call, f"This failed: {fault}")
        self.tell(Used(tool.name, sheet))
        return self._answer(call, told(tool.name, sheet), foreign=sheet.foreign)

    def give_up(self, turn: int) -> Message:
        """The last word after too many wrong calls."""
        return self._close(f"{turn}-end", AT_A_LOSS)

    def _close(self, name: str, words: str) -> Message:
        Voice(self.tell).words(words)
        return message(name, "assistant", words)

    def _answer(self, call: Pending, words: str, *, foreign: bool = False) -> Message:
        return message(f"{call['id']}-result", "tool", words, answers=call["id"], tool=call["name"], foreign=foreign)


async def question_of(tool: Tool, arguments: Frozen, bounds: Bounds) -> str:
    """What the user has to say yes to because of what it may take; empty where it is within bounds."""
    price = await tool.price(arguments) if tool.price else FREE
    return f"{described(tool, arguments)} may take {in_words(price)}. Do it?" if bounds.exceeded(price) else ""


def described(tool: Tool, arguments: Frozen) -> str:
    """A call in words for a question: its name, and every argument that is not the default."""
    given = arguments.model_dump(exclude_defaults=True)
    said = ", ".join(f"{name} {_value(value)}" for name, value in given.items())
    return f"{tool.name.replace('_', ' ')} ({said})" if said else tool.name.replace("_", " ")


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def in_words(price: Price) -> str:
    """A price for people."""
    calls = "nobody knows how many calls" if price.calls is None else f"up to {price.calls} calls"
    minutes = "" if price.minutes is None else f" and {price.minutes:.3g} minutes"
    return f"{calls}{minutes}{f' ({price.why})' if price.why else ''}"
