"""A program that starts `wunder` as nobody's child: in a session of its own, so that neither Ctrl-C nor the end of the
terminal is meant for it, and nobody has to wait for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

MODULE = "wunderkammer.apps.cli"


def main(words: Sequence[str]) -> int:
    """Start `wunder WORDS…`; the first word is the file that gets the number of its process."""
    file, *command = words
    if os.fork() == 0:
        os.setsid()
        Path(file).write_text(str(os.getpid()), "utf-8")
        os.execv(sys.executable, [sys.executable, "-P", "-m", MODULE, *command])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
