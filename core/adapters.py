"""Where trained adapters lie, and how one is found by name.

    HOME/adapters/
        NAME -> .versions/NAME@HASH8        the version that the name stands for
        .versions/NAME@HASH8/               never changed once it is there
            adapter.json                    an `Adapter` but for its paths: a home may be moved, or mounted elsewhere
            adapter_config.json, adapter_model.safetensors          PEFT
            adapter.gguf                    the same for llama.cpp, where it was converted

Each version has a path of its own because servers keep what they computed by the path that it was loaded from.
`wunderkammer.jobs.adapters` is who writes here.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.serving import Adapter
from wunderkammer.core.spelling import instead

VERSIONS = ".versions"
CARD = "adapter.json"
CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
GGUF = "adapter.gguf"


def folder_of(home: Path) -> Path:
    return home / "adapters"


def find(home: Path, wanted: str) -> Adapter:
    """An adapter by NAME, or one version of it by NAME@HASH (the hash's beginning, of 8 digits or more).

    Raises:
        ConfigError: there is none, with the names that there are; or it cannot be read.
    """
    name, at, digits = wanted.partition("@")
    if at and len(digits) >= 8:
        for adapter in versions(home, name):
            if adapter.hash.startswith(digits):
                return adapter
    elif not at and _plain(name) and (folder_of(home) / name / CARD).is_file():
        return read(folder_of(home) / name)
    there = [adapter.label for adapter in everything(home)] or ["none yet"]
    raise ConfigError(f"no adapter {wanted!r} in {folder_of(home)}{instead(wanted, there, '; there is: ')}")


def everything(home: Path) -> tuple[Adapter, ...]:
    """Every name with the version that it stands for, by name."""
    cards = folder_of(home).glob(f"*/{CARD}")
    return tuple(read(card.parent) for card in sorted(cards) if _plain(card.parent.name))


def versions(home: Path, name: str) -> tuple[Adapter, ...]:
    """Every version of a name, the oldest registered first."""
    if not _plain(name):
        return ()
    cards = (folder_of(home) / VERSIONS).glob(f"{name}@*/{CARD}")
    return tuple(read(card.parent) for card in sorted(cards, key=lambda card: (card.stat().st_mtime_ns, card)))


def read(folder: Path) -> Adapter:
    """The adapter in a folder; its paths lead to the version, whatever becomes of the name. `ConfigError`: broken."""
    place = folder.resolve()
    gguf = place / GGUF
    try:
        card = json.loads((place / CARD).read_bytes())
        return Adapter(**card, folder=place, gguf=gguf if gguf.is_file() else None)
    except (OSError, ValueError, TypeError, ValidationError):
        raise ConfigError(f"{folder}: its {CARD} cannot be read; remove the adapter and register it again") from None


def _plain(name: str) -> bool:
    """Whether a name leads to a folder beside the others: not a hidden one, and not out of here."""
    return bool(name) and not name.startswith(".") and not set(name) & set("/\\*?[]")
