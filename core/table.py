"""A table of plain values, as TOML has them: read from a file, and changed one dotted key at a time."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wunderkammer.core.errors import ConfigError


def read_table(file: Path, absent: str = "no such preset") -> dict[str, Any]:
    """What a TOML file says; a `ConfigError` where it is not there (`absent` in its words) or not valid."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{file}: {absent}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ConfigError(f"{file}: not valid TOML: {fault}") from None


def changed(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A table with changes on top; dotted keys reach into tables (`ablations.filter`), which are made where they lack.

    The given tables stay as they are. Raises `ConfigError` for a key that reaches into something that is no table.
    """
    table = dict(values)
    for key, value in changes.items():
        place = table
        *path, last = key.split(".")
        for step in path:
            inner = place.get(step, {})
            if not isinstance(inner, Mapping):
                raise ConfigError(f"{key}: {step} is no table")
            place[step] = dict(inner)
            place = place[step]
        place[last] = value
    return table
