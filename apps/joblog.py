"""A job's log as it grows: its last lines, then what is added, in bites that nobody chokes on."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import AsyncIterator
from pathlib import Path

from wunderkammer.core.settings import Settings
from wunderkammer.jobs.choice import dispatcher
from wunderkammer.jobs.folder import Folder, tail

BITE = 32_768
"""Bytes that are given at once."""
BEHIND = 1_048_576
"""Bytes that a reader may be behind. Whoever reads more slowly than a job prints is told how much was left out."""
PAUSE = 0.3
"""Seconds between two looks."""


async def follow(settings: Settings, folder: Folder, lines: int = 20, *, on: bool = True) -> AsyncIterator[str]:
    """The last lines of a log, then what is added to it until the job is over; without `on`, the last lines alone.

    What is yielded is text as the job printed it, to be made safe by whoever shows it.
    """
    jobs = dispatcher(settings)
    at = 0
    if folder.log.exists():
        last = tail(folder.log)
        at = await asyncio.to_thread(_size, folder.log)
        if said := "".join(line + "\n" for line in last.splitlines()[-lines:] if lines):
            yield said
    words = codecs.getincrementaldecoder("utf-8")("replace")
    while on:
        over = (await jobs.standing(folder.id)).over  # asked before reading: what comes last is read after it
        while fresh := await asyncio.to_thread(_bite, folder.log, at):
            skipped, data = fresh
            at += skipped + len(data)
            if skipped:
                yield f"\n… {skipped} bytes left out …\n"
            yield words.decode(data)
        if over:
            return
        await asyncio.sleep(PAUSE)


def _size(log: Path) -> int:
    return log.stat().st_size


def _bite(log: Path, at: int) -> tuple[int, bytes] | None:
    """What to skip and what to read from a place on; None where nothing was added."""
    try:
        with log.open("rb") as opened:
            ahead = opened.seek(0, 2) - at
            if ahead <= 0:
                return None
            skipped = ahead - BITE if ahead > BEHIND else 0
            opened.seek(at + skipped)
            return skipped, opened.read(BITE)
    except FileNotFoundError:
        return None
