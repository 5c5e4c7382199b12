"""The GPUs of this machine, as NVML sees them at this moment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

GIB = 2**30


@dataclass(frozen=True)
class Device:
    """One GPU."""

    id: str
    """Its UUID, which CUDA_VISIBLE_DEVICES takes and which no reboot changes."""
    index: int
    """As nvidia-smi counts."""
    name: str
    memory_gib: float
    free_gib: float
    """Of whoever uses it, we among them: what could be allocated now."""


def devices(listed: Path | None = None) -> tuple[Device, ...]:
    """The GPUs, by index; none where there is no driver, or `nvidia-ml-py` is not installed.

    listed: a JSON file that says what NVML would say (a list of `Device`), for machines that have none.
    """
    if listed is not None:
        return tuple(Device(**one) for one in json.loads(listed.read_text("utf-8")))
    with _nvml() as nvml:
        return () if nvml is None else tuple(_device(nvml, i) for i in range(nvml.nvmlDeviceGetCount()))


@contextmanager
def _nvml() -> Iterator[Any]:
    try:
        nvml = import_module("pynvml")
    except ImportError:
        yield None
        return
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:  # no driver, or one that does not fit: no GPU that a job could use
        yield None
        return
    try:
        yield nvml
    finally:
        nvml.nvmlShutdown()


def _device(nvml: Any, index: int) -> Device:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    return Device(
        id=nvml.nvmlDeviceGetUUID(handle),
        index=index,
        name=nvml.nvmlDeviceGetName(handle),
        memory_gib=memory.total / GIB,
        free_gib=memory.free / GIB,
    )
