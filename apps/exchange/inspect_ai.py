"""Samples of inspect_ai: JSON lines with `input`, `target`, `id` and `metadata`, read by its `json_dataset`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import IO

from wunderkammer.apps.exchange.document import Record, json_lines, listing, mapping, read_json, words
from wunderkammer.apps.exchange.entry import Exported, Imported, card, origin, storable
from wunderkammer.core.errors import ConfigError


def write(entries: Iterable[Exported], stream: IO[str]) -> int:
    """One sample per entry; the target is the right answer, empty where none is known."""
    count = 0
    for entry in entries:
        sample = {
            "input": entry.prompt,
            "target": entry.right or "",
            "id": entry.id,
            "metadata": {"domain": entry.domain, "cell": list(entry.cell or ()), "wunderkammer": card(entry)},
        }
        stream.write(json.dumps(sample) + "\n")
        count += 1
    return count


def read(stream: IO[str], where: str) -> Iterator[Imported]:
    """The input of each sample: a text, or the last user message of a conversation; the first target where several."""
    for place, record in json_lines(stream, where):
        metadata = record.get("metadata") or {}
        if isinstance(metadata, str):
            metadata = read_json(metadata, f"{place}, field metadata")
        yield Imported(
            prompt=storable(_input(record, place)),
            right=_target(record.get("target")),
            origin=origin(mapping(metadata, f"{place}, field metadata"), place),
        )


def _input(record: Record, place: str) -> str:
    value = record.get("input")
    if isinstance(value, str):
        return words(value, f"{place}, field input")
    turns = [mapping(turn, f"{place}, field input") for turn in listing(value, f"{place}, field input")]
    asked = [turn.get("content") for turn in turns if turn.get("role") == "user"]
    if not asked:
        raise ConfigError(f"{place}, field input: holds no message of the user")
    return words(asked[-1], f"{place}, field input, content")


def _target(value: object) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    return None if value is None or value == "" else storable(str(value))
