"""What Ctrl-C means: a run comes to rest at the first and stops at the second; a study leaves its jobs running."""

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
    presses = itertools.count(1)

    def interrupted() -> None:
        if next(presses) == 1:
            control.request_drain("Ctrl-C")
            say("coming to rest; what is finished is kept; Ctrl-C again stops at once")
        else:
            task.cancel()

    _on_interrupt(interrupted)


def cancel_on_interrupt(task: asyncio.Task[Ended], say: Callable[[str], None]) -> None:
    """Let SIGINT and SIGTERM end a study at once: there is nothing in it that its jobs would not outlive."""

    def interrupted() -> None:
        say("leaving; what is finished is kept, and jobs at work go on")
        task.cancel()

    _on_interrupt(interrupted)


def _on_interrupt(act: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows has no such handlers; there Ctrl-C stops at once
            asyncio.get_running_loop().add_signal_handler(number, act)
