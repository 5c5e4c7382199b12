"""What can be read of a world without opening its weights: how large its frames are, and where it was learned from."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.fingerprint import weights_hash
from wunderkammer.core.frozen import Frozen
from wunderkammer.worlds.film.film import Film

FILE = "film.json"


class Origin(Frozen):
    """A film."""

    source: str
    """A game by its name, or the name of a folder of videos."""
    recipe: str


def write(folder: Path, film: Film) -> None:
    """Note it in a world's folder."""
    found = Origin(source=film.manifest.source, recipe=film.manifest.recipe)
    (folder / FILE).write_text(found.model_dump_json(), "utf-8")


def read(folder: Path) -> Origin | None:
    """What was noted; None where nothing was.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return Origin.model_validate_json((folder / FILE).read_bytes())
    except OSError:
        return None
    except ValidationError as fault:
        raise ConfigError(f"{folder / FILE}: not of this version: {fault.errors()[0]['msg']}") from None


def weights_of(folder: Path) -> str:
    """Hash of a world's weights.

    Raises:
        ConfigError: there is no world.
    """
    try:
        return weights_hash(folder)
    except FileNotFoundError:
        raise ConfigError(f"{folder} holds no world; `wunder genie train` makes one") from None


def side_of(folder: Path) -> int:
    """Pixels of the side of a world's frames.

    Raises:
        ConfigError: there is no world, or one of another version.
    """
    file = folder / "settings.json"
    try:
        return int(json.loads(file.read_text("utf-8"))["settings"]["side"])
    except OSError:
        raise ConfigError(f"{folder} holds no world: there is no {file.name}; `wunder genie train` makes one") from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{file} is of another version; train the world anew") from None
