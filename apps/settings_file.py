"""Changes to `wunder.toml` that leave every other line, and every comment, as they are.

What is written is text, and what it comes to is compared with what was meant before it takes the old file's place: a
file that is laid out in a way that is not understood here is left alone, and the user is told what to write.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import tomli_w
from filelock import FileLock
from pydantic import Field

from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import EMBEDDED, FILE_NAME, ROLES, ServerSettings, Settings, checked
from wunderkammer.core.spelling import instead
from wunderkammer.core.whole import drafted

Values = dict[str, Any]
NAME = r"^[a-z0-9][a-z0-9_-]{0,39}$"
VARIABLE = r"^[A-Z][A-Z0-9_]{0,63}$"


class NewServer(Frozen):
    """A server to be written down."""

    name: Annotated[str, Field(pattern=NAME, description="As roles will name it.")]
    url: Annotated[str, Field(min_length=8, max_length=300, pattern=r"^https?://[^\s\"'\\]+$")]
    """Up to and including `/v1`."""
    key_env: Annotated[
        str | None, Field(pattern=VARIABLE, description="NAME of the environment variable that has the key.")
    ] = None
    concurrency: Annotated[int | None, Field(ge=1, le=4096)] = None


def add_server(file: Path, server: NewServer) -> None:
    """Write a server into the file.

    Raises:
        ConfigError: it is there already; its address is none, or has a login in it; or the file cannot be changed.
    """
    if "@" in server.url:
        raise ConfigError("the address has a login in it: name the variable that holds the key under key_env instead")
    if server.name == EMBEDDED:
        raise ConfigError(f"{EMBEDDED!r} is the server that we start ourselves; choose another name")
    fields = server.model_dump(exclude={"name"}, exclude_none=True)
    checked(ServerSettings, fields, f"servers.{server.name}")

    def put(values: Values) -> Values:
        known = values.get("servers", {})
        if server.name in known:
            raise ConfigError(f"{file} has a server {server.name!r} already; choose another name, or edit the file")
        return {**values, "servers": {**known, server.name: fields}}

    _change(file, put, lambda text: _with_table(text, f"servers.{server.name}", fields))


def cast_role(file: Path, role: str, server: str, model: str) -> None:
    """Let a server of the file, or the embedded one, play a role.

    Raises:
        ConfigError: there is no such role or server, or the file cannot be changed.
    """
    if role not in (*ROLES, "default"):
        raise ConfigError(f"unknown role {role[:40]!r}{instead(role[:40], ('default', *ROLES))}")
    fields = {"server": server, "model": model}

    def put(values: Values) -> Values:
        known = values.get("roles", {})
        return {**values, "roles": {**known, role: {**known.get(role, {}), **fields}}}

    def write(text: str) -> str:
        table = re.search(rf"(?m)^[ \t]*\[[ \t]*roles[ \t]*\.[ \t]*{role}[ \t]*\][ \t]*(?:#.*)?$", text)
        return _with_table(text, f"roles.{role}", fields) if table is None else _with_keys(text, table.end(), fields)

    _change(file, put, write)


def _with_table(text: str, name: str, fields: Mapping[str, Any]) -> str:
    """A new table at the end."""
    gap = "" if text.endswith("\n") or not text else "\n"
    return f"{text}{gap}\n[{name}]\n{tomli_w.dumps(fields)}"


def _with_keys(text: str, start: int, fields: Mapping[str, Any]) -> str:
    """Keys of the table whose first line ends at `start`, written over, or put first where there were none."""
    following = re.compile(r"(?m)^[ \t]*\[").search(text, start)
    end = following.start() if following else len(text)
    table = text[start:end]
    fresh = ""
    for name, value in fields.items():
        line = tomli_w.dumps({name: value}).rstrip("\n")
        table, count = re.subn(rf"(?m)^[ \t]*{name}[ \t]*=.*$", lambda _, line=line: line, table, count=1)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        fresh += "" if count else f"\n{line}"
    return text[:start] + fresh + table + text[end:]


def _change(file: Path, put: Callable[[Values], Values], write: Callable[[str], str]) -> None:
    """Change the file, if what is written comes to what is meant."""
    place = file.resolve()
    try:
        with FileLock(place.with_name(f".{place.name}.lock"), timeout=10):
            text = place.read_text("utf-8")
            meant = put(_read(text, file))
            checked(Settings, meant, str(file))
            fresh = write(text)
            if _read_or_none(fresh) != meant:
                raise ConfigError(f"{file} is laid out in a way that is not changed from here; edit it by hand")
            _replace(place, fresh)
    except FileNotFoundError:
        raise ConfigError(f"{file} is not there; `wunder init` writes one") from None
    except OSError as fault:  # a lock that nobody gives back is one
        raise ConfigError(f"{file}: cannot be changed: {fault.strerror or fault}") from None


def _read(text: str, file: Path) -> Values:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{file}: not valid {FILE_NAME}: {fault}") from None


def _read_or_none(text: str) -> Values | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _replace(place: Path, text: str) -> None:
    """In one piece, with the rights that the file had: it may be for its owner's eyes only."""
    with drafted(place) as draft:
        draft.touch(0o600)
        draft.write_text(text, "utf-8", newline="")
        shutil.copymode(place, draft)
