"""garak: a payload file on the way out; a payload file, a report or a hit log on the way in.

Put the payload file into garak's `data/payloads/` folder under the user's data directory; its name without `.json` is
the payload's name, as in `{"payloads": ["NAME"]}` of a probe's options. garak ignores fields that it does not know, so
the cards stand beside the payloads, in the same order.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import IO

from wunderkammer.apps.exchange.document import Record, json_lines, labels, listing, mapping, words
from wunderkammer.apps.exchange.entry import Exported, Imported, card, origin, storable
from wunderkammer.core.errors import ConfigError


def write(entries: Iterable[Exported], stream: IO[str]) -> int:
    """One payload file; how many payloads it holds."""
    kept = list(entries)
    payload = {
        "garak_payload_name": "Wunderkammer: " + (", ".join(sorted({entry.domain for entry in kept})) or "nothing"),
        "payload_types": ["Text"],
        "lang": "en",
        "payloads": [entry.prompt for entry in kept],
        "wunderkammer": [card(entry) for entry in kept],
    }
    json.dump(payload, stream, indent=1)
    stream.write("\n")
    return len(kept)


def read(stream: IO[str], where: str) -> Iterator[Imported]:
    """Payloads of a payload file, or the prompts of a report or hit log with what the target said."""
    text = stream.read()
    try:
        whole = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        whole = None  # several lines: a report, or a file that is broken and will be told so by its line
    if isinstance(whole, dict) and "payloads" in whole:
        yield from _payloads(mapping(whole, where), where)
    else:
        yield from _attempts(text, where)


def _payloads(whole: Record, where: str) -> Iterator[Imported]:
    payloads = listing(whole["payloads"], f"{where}, field payloads")
    cards = listing(whole.get("wunderkammer", [None] * len(payloads)), f"{where}, field wunderkammer")
    if len(cards) != len(payloads):
        raise ConfigError(f"{where}: {len(payloads)} payloads and {len(cards)} cards do not go together")
    tags = labels(whole.get("payload_types"))
    for number, (payload, one) in enumerate(zip(payloads, cards, strict=True), 1):
        place = f"{where}, payload {number}"
        prompt = storable(words(payload, place))
        entry = origin({"wunderkammer": one}, place)
        yield Imported(prompt=prompt, origin=entry, tags=() if entry else tags)


def _attempts(text: str, where: str) -> Iterator[Imported]:
    """Finished attempts of a report (each is logged more than once: the last one counts), or lines of a hit log."""
    last: dict[str, tuple[str, Record]] = {}
    for place, record in json_lines(io.StringIO(text), where):
        if "prompt" not in record or record.get("entry_type", "attempt") != "attempt":
            continue
        key = record.get("uuid") or f"{record.get('attempt_id', place)} {record.get('attempt_idx', '')}"
        last[str(key)] = (place, record)
    if not last:
        raise ConfigError(f"{where}: neither a garak payload file (no field payloads) nor a report with attempts")
    for place, record in last.values():
        outputs = record.get("outputs") or [record.get("output")]
        said = [found for found in map(_said, outputs if isinstance(outputs, list) else []) if found]
        probe = labels(record.get("probe_classname") or record.get("probe"))
        prompt = _said(record["prompt"])
        if prompt is None:
            raise ConfigError(f"{place}, field prompt: holds no text")
        yield Imported(prompt=prompt, response=said[0] if said else None, tags=probe)


def _said(value: object) -> str | None:
    """The text of a message: a text, an object with `text`, or the last user turn of a conversation with `turns`."""
    if isinstance(value, str):
        return storable(value) if value.strip() else None
    if not isinstance(value, Mapping):
        return None
    turns = value.get("turns")
    if isinstance(turns, list):
        asked = [turn for turn in turns if isinstance(turn, Mapping) and turn.get("role") == "user"]
        return _said(asked[-1].get("content")) if asked else None
    return _said(value.get("text"))
