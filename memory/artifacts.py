"""Files by content hash: what is too big for a row of the ledger."""

from __future__ import annotations

import re
from pathlib import Path

from wunderkammer.core.errors import ConfigError, LedgerError
from wunderkammer.core.ids import bytes_id
from wunderkammer.core.whole import write_whole

_NAME = re.compile(r"[0-9a-f]{24}\.[a-z0-9]{1,8}")


class Artifacts:
    """A folder of files that never change. Names are `HASH.suffix`; writing twice writes once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, data: bytes, suffix: str = ".bin") -> str:
        """Store bytes; returns their name. A killed process leaves no half file under a valid name."""
        name = bytes_id(data) + suffix
        place = self.path(name)
        if not place.exists():
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                write_whole(place, data)
            except OSError as fault:
                raise LedgerError(f"{place} cannot be written: {fault.strerror or fault}") from fault
        return name

    def path(self, name: str) -> Path:
        """Where an artifact lies; a `ConfigError` for anything that is not an artifact's name, such as `../x`."""
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{name[:60]!r} is no name of an artifact")
        return self.folder / name[:2] / name

    def read(self, name: str) -> bytes:
        """The bytes of an artifact."""
        place = self.path(name)
        if not place.is_file():
            raise ConfigError(f"artifact {name} is not in {self.folder}")
        return place.read_bytes()
