"""Looks at the queue of one home for as long as jobs wait in it, and is gone when none does.

    python -m wunderkammer.jobs.porter HOME/jobs

A keeper moves the queue on at its end, but not every wait ends with one: a GPU that somebody else used is given back, a
keeper is killed. One porter per home, which goes to the background by itself.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from wunderkammer.core import locks
from wunderkammer.jobs.machine import Machine
from wunderkammer.jobs.queue import Queue

LOOK = 5.0
"""Seconds between two looks."""


def main(argv: Sequence[str]) -> int:
    """Look until nothing waits; 0 at once where another porter does."""
    jobs = Path(argv[0])
    lock = locks.take(jobs / "porter.lock")
    if lock is None or os.fork():
        return 0
    queue = Queue(jobs, Machine(jobs))
    while jobs.is_dir():  # else somebody deleted the home
        with queue.gate():
            if not queue.waits():
                os.close(lock)  # behind the gate: whoever queues a job now sees that nobody is here
                return 0
        time.sleep(LOOK)
        if jobs.is_dir():
            queue.advance()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
