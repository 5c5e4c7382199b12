"""Names that follow from content: the same thing twice has one id."""

from __future__ import annotations

import hashlib
import json
from random import Random
from typing import Any

from pydantic import BaseModel


def canonical(value: object) -> bytes:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8. Floats print as Python's repr."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain).encode()


def content_id(*parts: object) -> str:
    """24 hex digits (96 bits) of the BLAKE2b hash of the parts' canonical JSON."""
    return hashlib.blake2b(canonical(parts), digest_size=12).hexdigest()


def bytes_id(data: bytes) -> str:
    """24 hex digits of the BLAKE2b hash of raw bytes: the name of an artifact."""
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def rng_for(*parts: object) -> Random:
    """A generator whose stream depends on the parts alone, so that a step drawn twice draws the same."""
    return Random(int.from_bytes(hashlib.blake2b(canonical(parts), digest_size=16).digest()))


def _plain(value: object) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")
