"""Files that appear whole or not at all: whoever reads meanwhile sees what was there before.

Standard library alone: jobs write by this in whatever virtual environment they asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def drafted(place: Path) -> Iterator[Path]:
    """The name of a draft beside `place`, which takes its place when the block ends well and is gone when it does not.

    A process that is killed inside leaves a hidden `.NAME.*.part`, under which nobody looks for anything.
    """
    draft = place.with_name(f".{place.name}.{os.urandom(6).hex()}.part")
    try:
        yield draft
        draft.replace(place)
    except BaseException:  # Ctrl-C too: nothing is swallowed, the draft alone goes
        with suppress(OSError):  # gone already, or never there
            draft.unlink()
        raise


def write_whole(place: Path, content: str | bytes) -> Path:
    """Write a file, text as UTF-8; returns `place`. Its folder is not made: one that was taken away stays away."""
    with drafted(place) as draft:
        draft.write_bytes(content.encode() if isinstance(content, str) else content)
    return place
