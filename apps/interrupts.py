"""What Ctrl-C means to a run: the first lets it come to rest, the second stops it at once."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Callable
from contextlib import suppress

from langgraph.runtime import RunControl

from wunderkammer.core.events import Ended


def obey_interrupts(control: RunControl, task: asyncio.Task[Ended], say: Callable[[str], None]) -> None:
    """Let SIGINT and SIGTERM end a run gently, then at once. Neither loses what was finished.

    say: shows the user one line.
    """
    loop = asyncio.get_running_loop()
    presses = itertools.count(1)

    def interrupted() -> None:
        if next(presses) == 1:
            control.request_drain("Ctrl-C")
            say("coming to rest; what is finished is kept; Ctrl-C again stops at once")
        else:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no such handlers; there Ctrl-C stops at once
            loop.add_signal_handler(number, interrupted)
