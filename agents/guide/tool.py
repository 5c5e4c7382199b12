"""A tool of the guide: what it is called, what it takes, what it may cost, and the one function that does it."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.core.contract import Frozen
from wunderkammer.core.settings import explain
from wunderkammer.models.talk import ToolForm

SAY = "say"
"""What a model that has no native tools writes for the name of a tool when it only wants to speak."""


class Price(Frozen):
    """What a tool may take at most, as far as anybody can tell."""

    calls: int | None = None
    """Model calls; None: nobody can tell."""
    minutes: float | None = None
    why: str = ""
    """What the user should know beside the figures."""
    always: bool = False
    """Ask, whatever the figures are."""


FREE = Price(calls=0, minutes=0.0)


class Bounds(Frozen):
    """What may be started without a question."""

    calls: int = 200
    minutes: float = 10.0

    def exceeded(self, price: Price) -> bool:
        """Whether the user has to be asked: a figure is above its bound, or neither is known."""
        if price.always or (price.calls is None and price.minutes is None):
            return True
        return (price.calls or 0) > self.calls or (price.minutes or 0.0) > self.minutes


class WrongCall(Exception):
    """A call that is no call of any tool; the text says to the model what to write instead."""


@dataclass(frozen=True)
class Tool:
    """One tool. `do` gets arguments that were checked, and a key that is the same when the same call is done again."""

    name: str
    says: str
    """One or two sentences for the model and for help."""
    arguments: type[Frozen]
    do: Callable[[Any, str], Awaitable[Sheet]]
    price: Callable[[Any], Awaitable[Price]] | None = None
    """What it may cost; None: it only looks."""
    changes: bool = False
    """Whether it starts, stops or alters anything."""

    @property
    def form(self) -> ToolForm:
        return ToolForm(name=self.name, says=self.says, parameters=_schema(self.arguments))


@dataclass(frozen=True)
class Toolbox:
    """All tools, by name."""

    tools: Mapping[str, Tool]

    @classmethod
    def of(cls, tools: Iterable[Tool]) -> Toolbox:
        return cls({tool.name: tool for tool in tools})

    @cached_property
    def forms(self) -> tuple[ToolForm, ...]:
        return tuple(tool.form for tool in self.tools.values())

    def read(self, name: str, arguments: str) -> tuple[Tool, Frozen]:
        """The tool that a call means, and its arguments, checked.

        A name in other letters (`List-Runs`) is put right; numbers that came as text are too. WrongCall explains the
        rest: nothing is guessed.
        """
        tool = self.tools.get(name) or self.tools.get(_plain_name(name))
        if tool is None:
            near = get_close_matches(_plain_name(name), self.tools, n=3, cutoff=0.5) or list(self.tools)
            raise WrongCall(f"there is no tool {name[:64]!r}; there is: {', '.join(near)}")
        try:
            given = json.loads(arguments or "{}")
        except ValueError:
            raise WrongCall(f"the arguments of {tool.name} are no JSON object") from None
        if not isinstance(given, dict):
            raise WrongCall(f"the arguments of {tool.name} are no JSON object")
        return tool, self.checked(tool, given)

    def checked(self, tool: Tool, given: Mapping[str, Any]) -> Frozen:
        """Arguments as the tool wants them; what was left empty is left out."""
        kept = {key: value for key, value in given.items() if value is not None}
        try:
            return tool.arguments(**kept)
        except ValidationError as fault:
            known = ", ".join(tool.arguments.model_fields) or "none"
            raise WrongCall(f"arguments of {tool.name}: {explain(fault)}; it takes: {known}") from None


def _plain_name(name: str) -> str:
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\s-]+", "_", snake).lower().removeprefix("functions.").removesuffix("()")


def _schema(arguments: type[Frozen]) -> dict[str, Any]:
    """JSON schema without titles, which cost tokens and say nothing."""
    found: dict[str, Any] = _bare(arguments.model_json_schema())
    found.pop("description", None)
    return found


def _bare(node: Any) -> Any:
    if isinstance(node, list):
        return [_bare(part) for part in node]
    if not isinstance(node, dict):
        return node
    # under `properties` a key is a field's name, which may well be `title`
    return {
        key: {name: _bare(one) for name, one in value.items()} if key == "properties" else _bare(value)
        for key, value in node.items()
        if key != "title"
    }
