"""Errands: runs, studies and hardenings as processes of their own, each with a folder HOME/errands/KEY."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wunderkammer.core.errors import WunderError

PATIENCE_S = 120.0
"""How long it may take until an errand says what it is called: a cold machine imports for a while."""
_NAME = re.compile(r"^(?:run|study|autonomous|hardening) ([hsw]?[0-9a-f]{8,}(?:-[\w-]+)?)\b", re.MULTILINE)
"""The first line of every command that begins something: what it is, and its id."""
_KEY = re.compile(r"[0-9a-zA-Z_-]{1,80}")


@dataclass(frozen=True)
class Errand:
    """One process that was started, whether it is at work or long over."""

    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    @property
    def name(self) -> str:
        """What it called itself: the id of its run; empty as long as it has not."""
        found = _NAME.search(self.said())
        return found[1] if found else ""

    @property
    def pid(self) -> int | None:
        try:
            return int((self.folder / "pid").read_text("utf-8"))
        except (OSError, ValueError):
            return None

    @property
    def alive(self) -> bool:
        pid = self.pid
        return pid is not None and _is_ours(pid)

    def said(self) -> str:
        """All that it has written to its terminal, which is a file."""
        try:
            return self.log.read_text("utf-8", "replace")
        except OSError:
            return ""

    def interrupt(self) -> bool:
        """What Ctrl-C would be: it comes to rest. False where it is over."""
        pid = self.pid
        if pid is None or not self.alive:
            return False
        os.kill(pid, signal.SIGINT)
        return True


def begin(home: Path, key: str, words: Sequence[str]) -> Errand:
    """Start `wunder WORDS…`, once for each key: the same key again finds what was started."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key")
    errand = Errand(home / "errands" / key)
    try:
        errand.folder.mkdir(parents=True, exist_ok=True)
        with errand.log.open("xb") as log:
            (errand.folder / "command.json").write_text(json.dumps(list(words)), "utf-8")
            subprocess.run(
                [sys.executable, "-P", "-m", "wunderkammer.apps.chat.launch", str(errand.folder / "pid"), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=True,
            )
    except FileExistsError:
        pass
    except (OSError, subprocess.CalledProcessError) as fault:
        raise WunderError(f"wunder {words[0]} could not be started: {fault}") from None
    return errand


async def named(errand: Errand, look: Callable[[], str], patience_s: float = PATIENCE_S) -> str:
    """The id of what an errand is about, once it is known: from its own words, else by `look`.

    Raises:
        WunderError: it ended before it had begun, with its last words.
    """
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        alive = errand.alive
        if found := errand.name or look():
            return found
        if not alive and errand.pid is not None:
            raise WunderError(_last_words(errand))
        await asyncio.sleep(0.1)
    raise WunderError(f"it has not begun within {patience_s:g} s; what it says stands in {errand.log}")


def errand_of(home: Path, name: str) -> Errand | None:
    """The errand that is about a run, where it was one that began it."""
    folder = home / "errands"
    found = (Errand(path) for path in folder.iterdir()) if folder.is_dir() else iter(())
    ours = [one for one in found if one.name == name]
    return next((one for one in ours if one.alive), ours[0] if ours else None)


def _last_words(errand: Errand) -> str:
    lines = [line for line in errand.said().splitlines() if line.strip()]
    return lines[-1].removeprefix("wunder: ") if lines else "it ended without a word"


def _is_ours(pid: int) -> bool:
    """Whether a process lives and is one of ours: numbers of processes are used again."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    words = Path(f"/proc/{pid}/cmdline")
    try:
        command = words.read_bytes()
    except OSError:
        return True  # no such file system: its number is all there is
    return b"wunderkammer" in command if command else _between_programs(words.with_name("exe"))


def _between_programs(program: Path) -> bool:
    """Whether a process without words is on its way from `launch` to `wunder`: while one program takes the place of
    another, the words of neither are there. One that is dead, or the kernel's own, has no program either."""
    try:
        program.readlink()
    except OSError:
        return False
    return True
