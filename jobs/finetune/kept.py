"""Measurements that an earlier attempt at the same job has made already."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from wunderkammer.core.whole import write_whole
from wunderkammer.jobs.desk import Desk

T = TypeVar("T")


def once(desk: Desk, name: str, measure: Callable[[], T]) -> T:
    """What `measure` finds, as JSON has it: by the first attempt that gets so far, read by those after it."""
    file = desk.checkpoint / f"{name}.json"
    if not file.is_file():
        write_whole(file, json.dumps(measure()))
    found: T = json.loads(file.read_text("utf-8"))
    return found
