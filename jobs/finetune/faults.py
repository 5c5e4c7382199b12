"""Faults of training libraries and machines, each in one line that says what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from wunderkammer.jobs.desk import Unable

_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "alloc_failed")
_DISK = ("no space left on device", "pytorchstreamwriter failed", "disk quota exceeded")


@contextmanager
def named(lower: str) -> Iterator[None]:
    """Memory or disk that is short becomes `Unable`; anything else is left as it is.

    lower: what to make smaller when memory is short, with the present values.
    """
    try:
        yield
    except MemoryError as fault:
        raise Unable(f"out of memory; lower {lower}") from fault
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unable(
                f"the disk is full ({fault.filename or 'while writing'}); make room and submit again"
            ) from fault
        if fault.errno == errno.ENOMEM:
            raise Unable(f"out of memory; lower {lower}") from fault
        raise
    except Exception as fault:  # torch has RuntimeError for most of these, safetensors an error of its own
        said = str(fault).lower()
        if any(words in said for words in _MEMORY):
            where = "GPU memory" if "cuda" in said else "memory"
            raise Unable(f"out of {where}; lower {lower}") from fault
        if any(words in said for words in _DISK):
            raise Unable("the disk is full; make room and submit again") from fault
        raise
