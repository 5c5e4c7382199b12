"""A job's log as it grows: its last lines, then what is added, in bites that nobody chokes on."""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import AsyncIterator
from pathlib import Path

from wunderkammer.core.settings import Settings
from wunderkammer.jobs.choice import dispatcher
from wunderkammer.jobs.folder import Folder

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
        last, at = await asyncio.to_thread(_last, folder.log)
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


def _last(log: Path) -> tuple[str, int]:
    """The end of a log, and the place behind it: one look at a file that may be growing."""
    with log.open("rb") as opened:
        begin = opened.seek(max(0, opened.seek(0, os.SEEK_END) - 2 * BITE))
        data = opened.read()
    return data.decode("utf-8", "replace"), begin + len(data)


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
