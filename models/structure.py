"""Structured replies: the schema that a server or a prompt is given, and the reply read back."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from typing import Any

import json_repair
from pydantic import BaseModel, RootModel, ValidationError

from wunderkammer.core.errors import BadReply
from wunderkammer.core.settings import explain

MOST_CHARS = 16_384
MOST_BRACKETS = 64
"""Beyond these a reply that is not valid as it stands is not mended: repair takes time that grows with their product,
minutes for a reply that was made to hurt."""

_THOUGHT = re.compile(r"^.*</think>", re.DOTALL)


class OffSchema(BadReply):
    """A structured reply that cannot be read. json: whether it was JSON at all, of whatever form."""

    def __init__(self, message: str, *, json: bool) -> None:
        super().__init__(message)
        self.json = json


@dataclass(frozen=True, slots=True)
class Form:
    """A reply type as servers want it described."""

    name: str
    schema: dict[str, Any]
    """JSON schema in the strict dialect: every property required, none besides."""
    words: str
    """What a prompt says to a server that takes no schema."""
    keys: frozenset[str]
    """Field names and aliases; none for a reply that is no object."""


@functools.cache
def form(kind: type[BaseModel]) -> Form:
    """The form of a reply type."""
    schema = _strict(kind.model_json_schema())
    name = re.sub(r"[^a-zA-Z0-9_-]+", "_", kind.__name__)[:64]
    words = (
        "Answer with one JSON value that matches the following JSON schema, and write nothing before or after it.\n"
        + json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    )
    fields = {} if issubclass(kind, RootModel) else kind.model_fields
    return Form(name, schema, words, frozenset({*fields, *(f.alias for f in fields.values() if f.alias)}))


def parse(kind: type[BaseModel], text: str, *, whole: bool = True) -> BaseModel:
    """The reply as `kind`: as it stands, else the one object in it, else mended. `whole`: it was not cut for length.

    Raises:
        OffSchema: nothing in it is of that form, or several things are and differ.
    """
    try:
        return kind.model_validate_json(text)
    except ValidationError as fault:
        why, is_json = explain(fault), fault.errors(include_url=False)[0]["type"] != "json_invalid"
    if is_json:
        raise OffSchema(f"the reply is no {kind.__name__}: {why[:160]}", json=True)
    body = _THOUGHT.sub("", text)
    found = _within(kind, body)
    if not found and whole:
        found = _mended(kind, body)  # what was cut short would be completed with guesses
    if len(found) == 1:
        return found[0]
    if found:
        raise OffSchema(f"the reply holds {len(found)} different answers of the form {kind.__name__}", json=False)
    cut = "" if whole else "; it was cut at max_tokens"
    raise OffSchema(f"the reply holds no {kind.__name__}: {why[:160]}{cut}", json=False)


def _within(kind: type[BaseModel], text: str) -> list[BaseModel]:
    """Every different instance that stands in the text as valid JSON."""
    if not _is_tame(text):
        return []
    found: list[BaseModel] = []
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            end = at + 1
        else:
            _keep(kind, value, found)
        at = text.find("{", end)
    return found


def _mended(kind: type[BaseModel], text: str) -> list[BaseModel]:
    start = text.find("{")
    if start < 0 or not _is_tame(text):
        return []
    try:
        value = json_repair.loads(text[start:], skip_json_loads=True)
    except (ValueError, RecursionError):
        return []
    found: list[BaseModel] = []
    for one in value if isinstance(value, list) else [value]:
        _keep(kind, one, found)
    return found


def _keep(kind: type[BaseModel], value: object, found: list[BaseModel]) -> None:
    keys = form(kind).keys
    if not isinstance(value, dict) or (keys and not keys & value.keys()):
        return  # a form whose every field has a default would accept any object, and answer with made-up values
    try:
        one = kind.model_validate_json(json.dumps(value))
    except (ValidationError, ValueError):
        return
    if one not in found:
        found.append(one)


def _is_tame(text: str) -> bool:
    return len(text) <= MOST_CHARS and text.count("{") + text.count("[") <= MOST_BRACKETS


def _strict(node: Any) -> Any:
    """The schema with all properties required and no others allowed, which strict servers insist on."""
    if isinstance(node, list):
        return [_strict(part) for part in node]
    if not isinstance(node, dict):
        return node
    tidy = {key: _strict(part) for key, part in node.items() if key != "default"}
    if isinstance(node.get("properties"), dict):
        tidy["properties"] = {name: _strict(part) for name, part in node["properties"].items()}
        tidy["required"] = list(node["properties"])
        tidy["additionalProperties"] = False
    return tidy
