"""Faults of machines, each in one line."""

from __future__ import annotations

import errno

import pytest

from wunderkammer.jobs.desk import Unable
from wunderkammer.jobs.finetune.faults import named


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (MemoryError(), "out of memory; lower batch"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "out of memory; lower batch"),
        (RuntimeError("CUDA out of memory. Tried to allocate 1 GiB"), "out of GPU memory; lower batch"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "out of memory; lower batch"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y"), "the disk is full (/x/y)"),
        (RuntimeError("PytorchStreamWriter failed writing file data/3"), "the disk is full"),
    ],
)
def test_what_the_machine_lacks_is_named(fault: Exception, says: str) -> None:
    with pytest.raises(Unable) as refused, named("batch"):
        raise fault

    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("fault", [RuntimeError("shape mismatch"), OSError(errno.EACCES, "no"), Unable("as it is")])
def test_anything_else_stays_as_it_is(fault: Exception) -> None:
    with pytest.raises(type(fault)) as same, named("batch"):
        raise fault

    assert same.value is fault
