"""A lab for those who draw levels: its mutator says what it is told to, and files are kept in a folder."""

from __future__ import annotations

from pathlib import Path
from random import Random

from wunderkammer.core.ids import bytes_id


class DrawingLab:
    """Implements as much of Lab as domains of levels may use."""

    def __init__(self, folder: Path, *, reply: str = "", arm: str = "edits") -> None:
        self.rng, self.hint, self.folder, self.reply, self.arm = Random(0), "", folder, reply, arm
        self.files: dict[str, str] = {}
        self.asked: list[tuple[str, str, dict]] = []

    def pick(self, arms) -> str:
        assert self.arm in arms
        return self.arm

    async def say(self, role, prompt, values, *, sampling=None) -> str:
        self.asked.append((role, prompt, dict(values)))
        return self.reply

    def keep(self, data: bytes, suffix: str = ".bin") -> str:
        name = bytes_id(data)
        self.files[name] = str(self.folder / f"{name}{suffix}")
        Path(self.files[name]).write_bytes(data)
        return name
