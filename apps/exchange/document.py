"""JSON, JSON lines and YAML as files of other tools hold them; every fault in one names its place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO

import yaml

from wunderkammer.core.errors import ConfigError

Record = Mapping[str, object]


def json_lines(stream: IO[str], where: str) -> Iterator[tuple[str, Record]]:
    """(place, object) of each line that is not blank."""
    for number, line in enumerate(stream, 1):
        if line.strip():
            place = f"{where} line {number}"
            yield place, mapping(read_json(line, place), place)


def read_json(text: str, place: str) -> object:
    """A JSON value; a `ConfigError` names the place."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as fault:
        raise ConfigError(f"{place}: not valid JSON: {fault}") from None


def read_yaml(text: str, place: str) -> object:
    """A YAML value without tags of code; a `ConfigError` names place and line."""
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        raise ConfigError(f"{place}: not valid YAML: {' '.join(str(fault).split())}") from None


def quoted(value: object) -> str:
    """YAML in which every scalar is in double quotes and in ASCII: readers of YAML 1.1 and of 1.2 disagree about which
    bare words are numbers (`1e3`) or truth values (`no`), but not about these. Holds texts, lists and mappings only.
    """
    return str(yaml.safe_dump(value, sort_keys=False, default_style='"', width=120))


def mapping(value: object, place: str) -> Record:
    """The value, if it is an object with named fields."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ConfigError(f"{place}: must be an object with named fields")
    return value


def listing(value: object, place: str) -> list[object]:
    """The value, if it is a list."""
    if not isinstance(value, list):
        raise ConfigError(f"{place}: must be a list")
    return value


def words(value: object, place: str) -> str:
    """The value, if it is a text that holds something."""
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{place}: must be a text that is not blank")
    return value


def labels(value: object) -> tuple[str, ...]:
    """The texts of a list, or one text alone; anything else is no label."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
