"""A file that is written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(place: Path, words: str) -> Path:
    """Write words into a file, its folder made where it must be; whoever reads meanwhile sees what was there before."""
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.{os.getpid()}.part")
    draft.write_text(words, "utf-8")
    draft.replace(place)
    return place
