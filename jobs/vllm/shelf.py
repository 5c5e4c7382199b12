"""Which adapters a server should have loaded: written down, since a server that is restarted has forgotten."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from wunderkammer.core.fingerprint import weights_hash
from wunderkammer.core.meeting import Folder
from wunderkammer.core.serving import Adapter
from wunderkammer.core.whole import write_whole

_LIST: TypeAdapter[list[Adapter]] = TypeAdapter(list[Adapter])


class Shelf:
    """One version of each name. Shared by every process that holds the server."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._file = folder.path / "adapters.json"

    def all(self) -> tuple[Adapter, ...]:
        try:
            return tuple(_LIST.validate_json(self._file.read_bytes()))
        except (FileNotFoundError, ValidationError):  # nothing yet, or of another version of ours
            return ()

    def put(self, adapter: Adapter) -> tuple[str, ...]:
        """Let a version stand for its name; the labels that gave way."""
        with self._folder.gate():
            before = self.all()
            self._write([*(one for one in before if one.name != adapter.name), adapter])
        return tuple(one.label for one in before if one.name == adapter.name and one.label != adapter.label)

    def take(self, name: str) -> tuple[str, ...]:
        """Take a name away; the labels that stood for it."""
        with self._folder.gate():
            before = self.all()
            self._write([one for one in before if one.name != name])
        return tuple(one.label for one in before if one.name == name)

    def _write(self, adapters: list[Adapter]) -> None:
        write_whole(self._file, _LIST.dump_json(adapters))


_known: dict[tuple[str, int, int], str] = {}


def base_of(model: str) -> str | None:
    """Hash of a transformers folder's weights; None for what is none, or not here."""
    files = sorted(Path(model).glob("*.safetensors")) if Path(model).is_dir() else []
    if not files:
        return None
    newest = max(file.stat().st_mtime_ns for file in files)
    key = (model, newest, sum(file.stat().st_size for file in files))
    if key not in _known:
        _known[key] = weights_hash(Path(model))  # reads all of it, which is why it is kept
    return _known[key]
