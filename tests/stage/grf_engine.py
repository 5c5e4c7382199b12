"""An interpreter that finds a stand-in for the real football engine, laid out as that is."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

FILES = {"grf_environment.py": "env/__init__.py", "grf_scenario.py": "env/scenario_builder.py"}
EMPTY = ("__init__.py", "scenarios/__init__.py")


def interpreter(folder: Path) -> Path:
    """A script in a folder that runs our own Python with the stand-in beside it."""
    package = folder / "gfootball"
    for name in ("env", "scenarios"):
        (package / name).mkdir(parents=True)
    for name in EMPTY:
        (package / name).touch()
    for ours, theirs in FILES.items():
        shutil.copy(Path(__file__).with_name(ours), package / theirs)
    script = folder / "python"
    paths = ":".join([str(folder), *sys.path[1:]])
    script.write_text(f'#!/bin/sh\nPYTHONPATH="$PYTHONPATH:{paths}" exec {sys.executable} "$@"\n')
    script.chmod(0o755)
    return script
