"""A conversation with tools, put to a role: turns of four kinds, tools as servers want them described, and a reply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from pydantic import ConfigDict, Field

from wunderkammer.core.calls import Call
from wunderkammer.core.contract import Frozen, Role, Sampling
from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import RoleSettings
from wunderkammer.models.ask import AS_THE_ROLE
from wunderkammer.models.server import Fields, Load, tokens_of
from wunderkammer.models.wire import Words

RESULT_TOKENS = 8
"""What a turn costs beside its words."""


class ToolForm(Frozen):
    """A tool as a model is told of it."""

    name: str = Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")
    says: str
    """What it does, in a sentence or two."""
    parameters: dict[str, Any]
    """JSON schema of its arguments."""

    @property
    def wire(self) -> Fields:
        described = {"name": self.name, "description": self.says, "parameters": self.parameters}
        return {"type": "function", "function": described}


class ToolCall(Frozen):
    """A tool that a model asked for. Nothing in it has been checked."""

    id: str
    name: str
    arguments: str = "{}"
    """As the model wrote them; meant to be a JSON object."""

    @property
    def wire(self) -> Fields:
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


class Turn(Frozen):
    """One turn of a conversation with tools."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["system", "user", "assistant", "tool"]
    content: str = ""
    calls: tuple[ToolCall, ...] = ()
    """Of an assistant: what it asked for."""
    answers: str = ""
    """Of a tool: the id of the call that it answers."""

    @property
    def wire(self) -> Fields:
        if self.role == "tool":
            return {"role": "tool", "tool_call_id": self.answers, "content": self.content}
        calls = {"tool_calls": [call.wire for call in self.calls]} if self.calls else {}
        return {"role": self.role, "content": self.content, **calls}


class Hears(Protocol):
    """Who listens while a reply is being written."""

    def words(self, piece: str) -> None:
        """More words."""
        ...

    def anew(self) -> None:
        """What was heard of this reply is void: it is written once more, from the beginning."""
        ...


@dataclass(frozen=True, slots=True)
class Talk:
    """One question of a conversation. In a run, two talks that are equal in every field are one, paid for once."""

    role: Role
    turns: tuple[Turn, ...]
    tools: tuple[ToolForm, ...] = ()
    must: bool = False
    """Whether it has to call a tool."""
    sampling: Sampling = AS_THE_ROLE
    run: str = ""
    slot: int = -1
    nonce: int = 0

    def fields(self, model: str, habits: RoleSettings) -> Fields:
        """The JSON object to send, before anything is left out that the server does not take."""
        asked = self.sampling
        body: Fields = {
            "model": model,
            "messages": [turn.wire for turn in self.turns],
            "max_tokens": habits.max_tokens if asked.max_tokens is None else asked.max_tokens,
            "temperature": habits.temperature if asked.temperature is None else asked.temperature,
            "top_p": habits.top_p if asked.top_p is None else asked.top_p,
        }
        if self.tools:
            body |= {"tools": [tool.wire for tool in self.tools], "tool_choice": "required" if self.must else "auto"}
        return body

    def hash(self, server: str, model: str, habits: RoleSettings) -> str:
        """Covers server, model and all that decides the reply."""
        return content_id(server, "talk", self.fields(model, habits))

    def load(self, limit: int) -> Load:
        """What the reply is expected to take at most."""
        words = sum(RESULT_TOKENS + tokens_of(json.dumps(turn.wire)) for turn in self.turns)
        tools = sum(tokens_of(json.dumps(tool.wire)) for tool in self.tools)
        return Load(words + tools, limit)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A reply: words, or tools that are asked for, or both; and the call as it was written down."""

    text: str
    calls: tuple[ToolCall, ...]
    call: Call

    @classmethod
    def of(cls, call: Call) -> Spoken:
        asked = tuple(ToolCall(**one) for one in call.detail.get("tools", ()))
        return cls(call.texts[0] if call.texts else "", asked, call)


def calls_in(message: Words) -> tuple[ToolCall, ...]:
    """The tools that a reply asks for; what is not of the protocol's form is left out."""
    found = []
    for place, one in enumerate(message.tool_calls or ()):
        function = one.get("function") if isinstance(one, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            continue
        given = function.get("arguments")
        words = given if isinstance(given, str) else json.dumps(given if given is not None else {})
        name = str(one.get("id") or f"call-{place}")
        found.append(ToolCall(id=name[:64], name=function["name"][:64], arguments=words.strip() or "{}"))
    return tuple(found)
