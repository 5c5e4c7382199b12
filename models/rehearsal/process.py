"""A rehearsal server in a process of its own, for measurements in which client and server must not share a core."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def rehearsal_process(*arguments: str) -> Iterator[str]:
    """Start `python -m wunderkammer.models.rehearsal ARGUMENTS` and yield its base address, ending in /v1.

    The server ends with the block, and with this process however that ends, since its stdin closes then.
    """
    command = [sys.executable, "-m", "wunderkammer.models.rehearsal", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            line = child.stdout.readline()
            if not line:
                raise RuntimeError(f"the rehearsal server did not start: exit code {child.wait(timeout=10)}")
            yield json.loads(line)["url"]
        finally:
            child.stdin.close()
            try:
                child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                child.kill()
