"""A stand-in for the real football engine, in the folder beside this file, and an interpreter that finds it."""

from __future__ import annotations

import sys
from pathlib import Path


def interpreter(folder: Path) -> Path:
    """A script in a folder that runs our own Python with the stand-in on its path."""
    script = folder / "python"
    paths = ":".join([str(Path(__file__).parent), *sys.path[1:]])
    script.write_text(f'#!/bin/sh\nPYTHONPATH="$PYTHONPATH:{paths}" exec {sys.executable} "$@"\n')
    script.chmod(0o755)
    return script
