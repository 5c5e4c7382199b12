"""What a model at a server can do: found out once, remembered, refined by what it refuses."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from wunderkammer.core.contract import Frozen
from wunderkammer.core.whole import write_whole

log = logging.getLogger(__name__)

FILE_NAME = "abilities.json"


class Abilities(Frozen):
    """True, False, or None where nobody has found out yet; the gateway tries what is None."""

    json_schema: bool | None = None
    """Holds a reply to a JSON schema (`response_format`)."""
    json_object: bool | None = None
    """Holds a reply to JSON of any form."""
    logprobs: int | None = None
    """Alternatives per token that it shows; 0: none."""
    prompt_logprobs: bool | None = None
    """Log-probabilities of a given text (`echo` at /completions)."""
    tools: bool | None = None
    """Calls a tool when told that it must."""
    picks: bool | None = None
    """Chose the right tool in the guide's small examination, by whichever way it is asked."""
    streaming: bool | None = None
    n: bool | None = None
    """Several replies to one request."""
    seed: bool | None = None
    """Probed: equal seeds gave equal words. Else: takes the parameter."""
    embeddings: bool | None = None
    lora: bool | None = None
    """Has endpoints that list or load adapters."""
    temperature: bool | None = None
    top_p: bool | None = None
    stop: bool | None = None
    max_completion_tokens: bool | None = None
    """Wants `max_completion_tokens` for `max_tokens`."""


class Notebook:
    """Abilities by (server address, model), kept in a JSON file that several processes may share.

    It saves requests and decides no result: a file that is damaged or cannot be written is a warning.
    """

    def __init__(self, home: Path) -> None:
        self._file = home / FILE_NAME
        self._known = self._read()

    def get(self, server: str, model: str) -> Abilities:
        return self._known.get(_key(server, model), _UNKNOWN)

    def learn(self, server: str, model: str, changes: dict[str, Any]) -> Abilities:
        """Note what was found out, and return all that is known."""
        key = _key(server, model)
        known = self._known.get(key, _UNKNOWN)
        if known.model_copy(update=changes) != known:
            merged = {**self._known, **self._read()}  # another process may have learned meanwhile
            known = merged.get(key, known).model_copy(update=changes)
            self._known = {**merged, key: known}
            self._write()
        return known

    def _read(self) -> dict[str, Abilities]:
        try:
            stored = json.loads(self._file.read_text("utf-8"))
            return {key: Abilities(**fields) for key, fields in stored.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError, ValidationError) as fault:
            log.warning("%s cannot be read and is begun anew: %s", self._file, type(fault).__name__)
            return {}

    def _write(self) -> None:
        stored = {key: known.model_dump(exclude_none=True) for key, known in sorted(self._known.items())}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._file, json.dumps(stored, indent=1))
        except OSError as fault:
            log.warning("%s cannot be written: %s", self._file, fault.strerror)


_UNKNOWN = Abilities()


def _key(server: str, model: str) -> str:
    return f"{server}#{model}"
