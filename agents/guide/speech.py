"""How the guide's model is asked for its next step: natively with tools, or by a choice in JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, cast

from wunderkammer import prompts
from wunderkammer.agents.guide import history
from wunderkammer.agents.guide.choice import Choice, choice_of
from wunderkammer.agents.guide.history import Asked
from wunderkammer.agents.guide.tool import SAY, Toolbox
from wunderkammer.core.contract import Message, Sampling
from wunderkammer.core.ids import content_id
from wunderkammer.models.ask import AS_THE_ROLE, Ask
from wunderkammer.models.gateway import Gateway
from wunderkammer.models.talk import Hears, Talk, ToolForm, Turn
from wunderkammer.models.talker import NoTools

UNREADABLE_CHARS = 200
Surface = Literal["terminal", "page", "api"]
"""Where the user reads what is said. A terminal shows plain text; a page, and most programs that call us, Markdown."""


@dataclass(frozen=True, slots=True)
class Step:
    """What the model wants next: words for the user, tools, or both."""

    words: str
    calls: tuple[Asked, ...] = ()


@dataclass(frozen=True)
class Speech:
    """Asks the role `guide`. thread: whom its calls are written down under."""

    gateway: Gateway
    toolbox: Toolbox
    thread: str
    sampling: Sampling = AS_THE_ROLE
    surface: Surface = "terminal"

    async def next(
        self,
        messages: Sequence[history.Message],
        situation: str,
        earlier: Sequence[str],
        turn: int,
        step: int,
        hears: Hears,
    ) -> Step:
        """The model's next step. Raises what the gateway raises; BadReply where it could not be read."""
        values: dict[str, object] = {"situation": situation, "earlier": list(earlier), "surface": self.surface}
        if await self.gateway.calls_tools("guide"):
            opening = prompts.load("guide/guide").render(values)
            turns = history.alternating([*_turns(opening), *history.native(messages)])
            talk = Talk(
                "guide",
                tuple(turns),
                self.toolbox.forms,
                sampling=self.sampling,
                run=self.thread,
                slot=turn,
                nonce=step,
            )
            try:
                spoken = await self.gateway.converse(talk, hears)
            except NoTools:
                return await self._choose(messages, values, turn, step, hears)
            calls = [
                Asked(id=self._name(turn, step, place), name=call.name, arguments=_object(call.arguments))
                for place, call in enumerate(spoken.calls)
            ]
            return Step(spoken.text, tuple(calls))
        return await self._choose(messages, values, turn, step, hears)

    async def _choose(
        self, messages: Sequence[history.Message], values: dict[str, object], turn: int, step: int, hears: Hears
    ) -> Step:
        opening = prompts.load("guide/choose").render({**values, "tools": [_line(form) for form in self.toolbox.forms]})
        turns = history.alternating([*_turns(opening), *history.told(messages)])
        ask = Ask(
            role="guide",
            messages=tuple(Message(role=_speaker(one), content=one.content) for one in turns),
            sampling=self.sampling,
            schema=self.choice,
            run=self.thread,
            slot=turn,
            nonce=step,
        )
        reply, _ = await self.gateway.structured(ask)
        choice = cast(Choice, reply)
        if choice.tool == SAY or (not choice.tool and choice.words):
            hears.words(choice.words)
            return Step(choice.words)
        asked = Asked(id=self._name(turn, step, 0), name=choice.tool, arguments=json.dumps(choice.arguments))
        return Step("", (asked,))

    @cached_property
    def choice(self) -> type[Choice]:
        return choice_of(self.toolbox.forms)

    def _name(self, turn: int, step: int, place: int) -> str:
        # Nine letters and digits: what the strictest chat template takes for an id.
        return content_id(self.thread, turn, step, place)[:9]


def _turns(messages: Sequence[Message]) -> list[Turn]:
    return [Turn(role=one.role, content=one.content) for one in messages]


def _speaker(turn: Turn) -> str:
    assert turn.role != "tool"
    return turn.role


def _line(form: ToolForm) -> str:
    """A tool in one line of a prompt."""
    arguments = json.dumps(form.parameters.get("properties", {}), ensure_ascii=False, separators=(",", ":"))
    required = ", ".join(form.parameters.get("required", ()))
    return f"{form.name}: {form.says} Arguments: {arguments}." + (f" Needed: {required}." if required else "")


def _object(arguments: str) -> str:
    """Arguments as a JSON object: servers parse what stands in the history, and refuse a conversation over it."""
    try:
        if isinstance(json.loads(arguments), dict):
            return arguments
    except ValueError:
        pass
    return json.dumps({"unreadable": arguments[:UNREADABLE_CHARS]})
