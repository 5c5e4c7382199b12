"""Reading commands: `/run rainbow-skills smoke`, or the same without the slash where nothing else can be meant."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_origin

from wunderkammer.agents.guide.tool import Toolbox, WrongCall
from wunderkammer.apps.chat.commands import ALIASES, BY_NAME, Command, nearest
from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError

_UNITS = {"min": "minutes", "cal": "calls"}
_LIMIT = re.compile(
    r"\b(?:for|within)\s+(?P<n>\d+(?:\.\d+)?)\s*(?P<unit>min(?:utes?)?|h(?:ours?)?|calls?)\b", re.IGNORECASE
)
_QUOTED = re.compile(r'"[^"]+"')


@dataclass(frozen=True)
class Request:
    """A command as it was typed: the tool, and its arguments, checked."""

    command: Command
    arguments: Frozen


def read_slash(line: str, toolbox: Toolbox) -> Request:
    """`/NAME WORDS`; ConfigError says how it is written."""
    name, _, rest = line.removeprefix("/").partition(" ")
    command = BY_NAME.get(ALIASES.get(name, name))
    if command is None:
        near = get_close_matches(name, [*BY_NAME, *ALIASES], n=2) or [one.name for one in nearest(name, most=2)]
        hint = f"did you mean {' or '.join(f'/{one}' for one in near)}? " if near else ""
        raise ConfigError(f"there is no command /{name[:40]}; {hint}/help lists them")
    return Request(command, _arguments(command, rest, toolbox))


def read_plain(line: str, toolbox: Toolbox, known: Collection[str], domains: Collection[str]) -> Request | None:
    """A command without its slash, where it can mean nothing else; None for a sentence.

    known: ids of what was begun, candidates' apart. A word that stands for a run has to be one, `start` has to be
    followed by a domain: "stop talking" and "run me through it" are sentences.
    """
    name, _, rest = line.strip().partition(" ")
    command = BY_NAME.get(ALIASES.get(name.lower(), name.lower()))
    if command is None or rest.rstrip().endswith(("?", ".")):
        return None
    words = _figured(rest, toolbox.tools[command.tool].arguments).split()
    if not command.free:
        return Request(command, _arguments(command, rest, toolbox)) if _QUOTED.fullmatch(rest.strip()) else None
    names = [word for word in words if "=" not in word]
    first = command.fields[0].removesuffix("*") if command.fields else ""
    if first == "domain":
        fits = bool(names) and names[0] in domains
    elif first == "only":
        fits = bool(names) and all(name == "everything" or name in domains for name in names)
    elif first in ("run", "runs"):
        fits = all(word == "latest" or _begins_one(word, known) for word in names) and _enough(command, names)
    elif first in ("candidate", "finding"):
        fits = len(names) == 1 and bool(re.fullmatch(r"[0-9a-f]{4,}", names[0]))
    elif first == "where":
        fits = not names
    else:
        fits = len(names) <= len(command.fields)
    if not fits:
        return None
    try:
        return Request(command, _arguments(command, rest, toolbox))
    except ConfigError:
        return None


def _figured(words: str, takes: type[Frozen]) -> str:
    """`for 30 minutes` and `within 500 calls` as arguments where there are such: `minutes=30`, `calls=500`."""
    if not {"minutes", "calls"} <= takes.model_fields.keys():
        return words

    def written(found: re.Match[str]) -> str:
        unit = found["unit"].lower()
        return f"minutes={float(found['n']) * 60:g}" if unit.startswith("h") else f"{_UNITS[unit[:3]]}={found['n']}"

    return _LIMIT.sub(written, words)


def _begins_one(word: str, known: Collection[str]) -> bool:
    return len(word) >= 2 and any(name.startswith(word) for name in known)


def _enough(command: Command, names: list[str]) -> bool:
    """`stop` alone is too little to act on."""
    return bool(names) or command.tool not in ("stop_run", "harden_model", "compare_runs")


def _arguments(command: Command, rest: str, toolbox: Toolbox) -> Frozen:
    tool = toolbox.tools[command.tool]
    given = _given(command, _split(_figured(rest, tool.arguments)), tool.arguments)
    try:
        return toolbox.checked(tool, given)
    except WrongCall as fault:
        raise ConfigError(f"{fault}; write: {command.written}") from None


def _split(rest: str) -> list[str]:
    try:
        return shlex.split(rest, posix=True)
    except ValueError:  # an apostrophe is no quotation mark
        return rest.split()


def _given(command: Command, words: list[str], takes: type[Frozen]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    filters: dict[str, str] = {}
    left: list[str] = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in takes.model_fields:
            given[name] = _listed(name, value, takes)
        elif equals and "where" in takes.model_fields:
            filters[name] = value
        else:
            left.append(word)
    for field in command.fields:
        name = field.removesuffix("*")
        if name == "where":
            if filters:
                given[name] = filters
        elif field.endswith("*") and left:
            given[name] = tuple(left) if _is_list(name, takes) else " ".join(left)
            left = []
        elif left:
            given[name] = left.pop(0)
    if left:
        raise ConfigError(f"{left[0]!r} is too much; write: {command.written}")
    return given


def _listed(name: str, value: str, takes: type[Frozen]) -> Any:
    return tuple(value.split(",")) if _is_list(name, takes) else value


def _is_list(name: str, takes: type[Frozen]) -> bool:
    return get_origin(takes.model_fields[name].annotation) is tuple
