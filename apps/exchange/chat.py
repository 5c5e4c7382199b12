"""JSON lines of conversations, as supervised fine-tuning reads them: `{"messages": [{"role": …, "content": …}]}`.

The assistant's turn is the *right* answer and nothing else. Where none is known the line ends with the user's turn, to
be completed before training; what the target said is the very thing that training should undo. Everything else is one
text column, `wunderkammer`, because columns of nested objects that differ from line to line break Arrow's schemas.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import IO

from wunderkammer.apps.exchange.document import json_lines, listing, mapping, words
from wunderkammer.apps.exchange.entry import Exported, Imported, card_text, origin, storable
from wunderkammer.core.errors import ConfigError


def write(entries: Iterable[Exported], stream: IO[str]) -> int:
    """One line per entry; how many."""
    count = 0
    for entry in entries:
        messages = [{"role": "user", "content": entry.prompt}]
        if entry.right is not None:
            messages.append({"role": "assistant", "content": entry.right})
        stream.write(json.dumps({"messages": messages, "wunderkammer": card_text(entry)}) + "\n")
        count += 1
    return count


def read(stream: IO[str], where: str) -> Iterator[Imported]:
    """The last user turn of each conversation; an assistant's turn after it is the right answer."""
    for place, record in json_lines(stream, where):
        turns = [_turn(turn, place) for turn in listing(record.get("messages"), f"{place}, field messages")]
        asked = [number for number, (role, _) in enumerate(turns) if role == "user"]
        if not asked:
            raise ConfigError(f"{place}: messages hold no turn of the user")
        answers = [content for role, content in turns[asked[-1] :] if role == "assistant"]
        yield Imported(
            prompt=turns[asked[-1]][1],
            right=answers[0] if answers else None,
            origin=origin(record, place),
        )


def _turn(value: object, place: str) -> tuple[str, str]:
    turn = mapping(value, f"{place}, messages")
    return words(turn.get("role"), f"{place}, role"), storable(words(turn.get("content"), f"{place}, content"))
