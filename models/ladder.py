"""The request's fields by what the model's server can do, and what a refusal teaches about that.

A structured reply climbs down: a schema that the server enforces, then JSON of any form with the schema in the prompt,
then plain words with the schema in the prompt. Other parameters are left out once they were refused. No server is
known by name: everything is learned from what it says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from wunderkammer.models.abilities import Abilities
from wunderkammer.models.faults import Declined
from wunderkammer.models.question import Question, Turn
from wunderkammer.models.server import Fields
from wunderkammer.models.structure import Form, form

Rung = Literal["schema", "object", "plain"]
RUNGS: tuple[Rung, ...] = ("schema", "object", "plain")

FEW_LOGPROBS = 5
"""What servers with a low limit on alternatives per token allow."""

TEACHING = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_IMPLEMENTED}
_UNSUPPORTED = re.compile(
    r"support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed|not implemented|not available|not enabled"
    r"|disabled|extra (?:inputs|fields)|only the default|only one|deprecated|cannot both"
)
_THIS_SCHEMA = re.compile(r"invalid[ _](?:json[ _])?schema")
_NAMES = {  # in the order in which they are given up, where a refusal names several
    "response_format": r"response_?format|json_schema|json_object|\bschema\b|grammar|guided|structured",
    "logprobs": r"logprobs|log.?prob",
    "seed": r"\bseed\b",
    "n": r"['\"`]n['\"`]|\bn ?(?:>|!=|=|<|must|is|should|parameter)|(?:parameter|field)s?:? n\b|one completion",
    "stop": r"['\"`]stop['\"`]|\bstop (?:sequences?|words?|strings?|parameter)|(?:parameter|field|argument)s?:? stop\b",
    "tools": r"\btools?\b|tool_choice|tool[_ -]call",
    "stream": r"\bstream(?:ing|_options)?\b",
    "top_p": r"\btop_p\b",
    "temperature": r"\btemperature\b",
}
_KIN = {"logprobs": ("top_logprobs",), "tools": ("tool_choice",), "stream": ("stream_options",)}
"""Parameters that stand or fall with another."""
_ABILITY = {"stream": "streaming"}
"""Fields of `Abilities` that are called otherwise than the parameter."""
_TOOLS_OFF = re.compile(r"tool.*\brequires?\b", re.DOTALL)
"""A server that could, and was started without what it takes."""
_PATTERNS = {name: re.compile(pattern) for name, pattern in _NAMES.items()}


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a refusal taught."""

    changes: dict[str, Any] = field(default_factory=dict)
    """Fields of `Abilities`, to be remembered."""
    lower: bool = False
    """This schema was refused, though schemas as such may be taken: one rung down for it alone."""

    def __bool__(self) -> bool:
        return bool(self.changes) or self.lower


def rung(known: Abilities, lowered: int = 0) -> Rung:
    """Where to begin, `lowered` rungs below the best that is not known to be missing."""
    best = 0 if known.json_schema is not False else 1 if known.json_object is not False else 2
    step = RUNGS[min(2, best + lowered)]
    return "plain" if step == "object" and known.json_object is False else step


def fields(question: Question, known: Abilities, *, n: int = 1, seed: int | None = None, lowered: int = 0) -> Fields:
    """The JSON object to send for `n` replies."""
    limit = "max_completion_tokens" if known.max_completion_tokens else "max_tokens"
    body: Fields = {"model": question.model, "messages": question.turns, limit: question.max_tokens}
    if known.temperature is not False:
        body["temperature"] = question.temperature
    if known.top_p is not False:
        body["top_p"] = question.top_p
    if question.stop and known.stop is not False:
        body["stop"] = list(question.stop)
    if seed is not None and known.seed is not False:
        body["seed"] = seed
    if n > 1:
        body["n"] = n
    if question.top_logprobs and known.logprobs != 0:
        body["logprobs"] = True
        body["top_logprobs"] = min(question.top_logprobs, known.logprobs or question.top_logprobs)
    if question.schema is not None:
        _structure(body, question.turns, form(question.schema), rung(known, lowered))
    return body


def lesson(body: Fields, fault: Declined) -> Lesson:
    """What the refusal of `body` teaches; nothing, where asking otherwise cannot help."""
    if fault.status not in TEACHING:
        return Lesson()
    said = fault.said.casefold()
    if "max_tokens" in body and "max_completion_tokens" in said:
        return Lesson({"max_completion_tokens": True})
    blamed = [name for name in _NAMES if name in body and _blames(name, fault.param, said)]
    unsupported = bool(_UNSUPPORTED.search(said))
    if "response_format" in blamed:
        return _lower(body, unsupported and not _THIS_SCHEMA.search(said))
    if "logprobs" in blamed:
        asked = body["top_logprobs"]
        return Lesson({"logprobs": FEW_LOGPROBS if isinstance(asked, int) and asked > FEW_LOGPROBS else 0})
    if "tools" in blamed and _TOOLS_OFF.search(said):
        return Lesson({"tools": False})
    return Lesson({_ABILITY.get(blamed[0], blamed[0]): False}) if blamed and unsupported else Lesson()


def _blames(name: str, param: str | None, said: str) -> bool:
    if param:
        first = param.split(".")[0]
        return first == name or first in _KIN.get(name, ())
    return bool(_PATTERNS[name].search(said))


def _lower(body: Fields, for_good: bool) -> Lesson:
    asked = body["response_format"]
    is_schema = isinstance(asked, dict) and asked.get("type") == "json_schema"
    if is_schema and not for_good:
        return Lesson(lower=True)
    return Lesson({"json_schema" if is_schema else "json_object": False})


def _structure(body: Fields, turns: list[Turn], wanted: Form, step: Rung) -> None:
    if step == "schema":
        described = {"name": wanted.name, "schema": wanted.schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": described}
        return
    if step == "object":
        body["response_format"] = {"type": "json_object"}
    if turns and (last := turns[-1])["role"] != "assistant":
        body["messages"] = [*turns[:-1], {**last, "content": _and(last["content"], wanted.words)}]
    else:
        body["messages"] = [*turns, {"role": "user", "content": wanted.words}]


def _and(content: str | list[dict[str, Any]], words: str) -> str | list[dict[str, Any]]:
    """What is said, pictures or not, and then these words."""
    return f"{content}\n\n{words}" if isinstance(content, str) else [*content, {"type": "text", "text": words}]
