"""Archives in the formats of other tools: write them out, and read prompts from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from wunderkammer.apps.exchange import chat, garak, inspect_ai, promptfoo, pyrit
from wunderkammer.apps.exchange.entry import Exported, Imported
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.spelling import instead
from wunderkammer.core.whole import drafted

__all__ = ["FORMATS", "Exported", "Format", "Imported", "export_entries", "find", "import_prompts"]


@dataclass(frozen=True)
class Format:
    """How one tool wants its prompts."""

    title: str
    suffix: str
    write: Callable[[Iterable[Exported], IO[str]], int]
    read: Callable[[IO[str], str], Iterator[Imported]]


FORMATS: dict[str, Format] = {
    "chat": Format("conversations for supervised fine-tuning", ".jsonl", chat.write, chat.read),
    "garak": Format("a payload file of garak; reads its reports too", ".json", garak.write, garak.read),
    "inspect": Format("samples of inspect_ai", ".jsonl", inspect_ai.write, inspect_ai.read),
    "promptfoo": Format("test cases of promptfoo", ".yaml", promptfoo.write, promptfoo.read),
    "pyrit": Format("a SeedDataset of PyRIT", ".yaml", pyrit.write, pyrit.read),
}


def find(name: str) -> Format:
    """The format of this name; a `ConfigError` lists what there is."""
    if name not in FORMATS:
        raise ConfigError(f"unknown format {name!r}{instead(name, FORMATS)}")
    return FORMATS[name]


def export_entries(entries: Iterable[Exported], place: Path | IO[str], format_name: str) -> int:
    """Write entries to a file or stream and return how many. A file appears whole or not at all."""
    form = find(format_name)
    if not isinstance(place, Path):
        return form.write(entries, place)
    try:
        with drafted(place) as draft, draft.open("w", encoding="utf-8", newline="\n") as stream:
            return form.write(entries, stream)
    except OSError as fault:
        raise ConfigError(f"{place}: cannot be written: {fault.strerror}") from None


def import_prompts(place: Path | IO[str], format_name: str) -> Iterator[Imported]:
    """The prompts of a file or stream, one after the other; a `ConfigError` names the line or entry that is wrong."""
    form = find(format_name)
    if not isinstance(place, Path):
        yield from form.read(place, "input")
        return
    try:
        with place.open(encoding="utf-8-sig") as stream:
            yield from form.read(stream, str(place))
    except OSError as fault:
        raise ConfigError(f"{place}: cannot be read: {fault.strerror}") from None
    except UnicodeDecodeError as fault:
        raise ConfigError(f"{place}: not UTF-8 at byte {fault.start}") from None
