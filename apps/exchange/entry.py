"""What crosses the border: an entry of an archive on its way out, and a prompt on its way in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from math import isfinite

from wunderkammer.core.contract import Cell
from wunderkammer.core.errors import ConfigError

_UNSTORABLE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class Exported:
    """An entry of an archive, in plain values. Lone surrogates in its texts become U+FFFD: no other tool reads them."""

    id: str
    domain: str
    cell: Cell | None
    prompt: str
    response: str | None = None
    """What the target said when it was evaluated; it may be unsafe, so no format offers it as a model answer."""
    right: str | None = None
    """The answer that should have been given, where one is known."""
    score: float | None = None
    measures: Mapping[str, float] = field(default_factory=dict)
    lineage: tuple[str, ...] = ()
    """Ids of its parents, then of theirs, as far back as the caller went."""

    def __post_init__(self) -> None:
        for part in ("prompt", "response", "right"):
            text = getattr(self, part)
            if text is not None:
                object.__setattr__(self, part, storable(text))


@dataclass(frozen=True)
class Imported:
    """A prompt that somebody brings, and what is known of it."""

    prompt: str
    response: str | None = None
    right: str | None = None
    tags: tuple[str, ...] = ()
    """Categories that a foreign file gave it; no domain's cells."""
    origin: Exported | None = None
    """The entry as it was exported, where the file is one of ours."""


def storable(text: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD, so that it has a UTF-8 form."""
    return _UNSTORABLE.sub("�", text)


def card(entry: Exported) -> dict[str, object]:
    """The entry as JSON values: what our files carry beside the fields of a format. JSON has no NaN: it is left out."""
    return {
        "id": entry.id,
        "domain": entry.domain,
        "cell": None if entry.cell is None else list(entry.cell),
        "prompt": entry.prompt,
        "response": entry.response,
        "right": entry.right,
        "score": entry.score if entry.score is None or isfinite(entry.score) else None,
        "measures": {name: figure for name, figure in entry.measures.items() if isfinite(figure)},
        "lineage": list(entry.lineage),
    }


def card_text(entry: Exported) -> str:
    """The card as one line of JSON in ASCII, for formats whose metadata should be flat."""
    return json.dumps(card(entry), sort_keys=True)


def read_card(value: object) -> Exported | None:
    """The entry of a card or of its text; None where there is none.

    Raises:
        ValueError: it is there and is not one of ours; the message names the field.
    """
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            value = None
    if not isinstance(value, dict) or value.keys() != {f.name for f in fields(Exported)}:
        raise ValueError("wunderkammer: is no card of an exported entry")
    return Exported(
        id=_text(value, "id"),
        domain=_text(value, "domain"),
        cell=None if value["cell"] is None else _texts(value, "cell"),
        prompt=_text(value, "prompt"),
        response=None if value["response"] is None else _text(value, "response"),
        right=None if value["right"] is None else _text(value, "right"),
        score=None if value["score"] is None else _number(value["score"], "score"),
        measures=_measures(value["measures"]),
        lineage=_texts(value, "lineage"),
    )


def origin(record: Mapping[str, object], place: str) -> Exported | None:
    """The entry whose card stands in a record of one of our files; a `ConfigError` names place and field."""
    try:
        return read_card(record.get("wunderkammer"))
    except (ValueError, RecursionError) as fault:
        raise ConfigError(f"{place}, field {fault}") from None


def _text(value: Mapping[str, object], name: str) -> str:
    text = value[name]
    if not isinstance(text, str):
        raise ValueError(f"wunderkammer.{name}: must be a text")
    return text


def _texts(value: Mapping[str, object], name: str) -> tuple[str, ...]:
    texts = value[name]
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"wunderkammer.{name}: must be a list of texts")
    return tuple(texts)


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        raise ValueError(f"wunderkammer.{name}: must be a number")
    return value


def _measures(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        raise ValueError("wunderkammer.measures: must be an object")
    return {str(name): _number(figure, f"measures.{name}") for name, figure in value.items()}
