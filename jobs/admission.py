"""Which jobs fit on this machine beside those that run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from wunderkammer.core.spelling import counted
from wunderkammer.jobs import folder as papers
from wunderkammer.jobs.devices import Device, devices
from wunderkammer.jobs.folder import Need

GIB = 2**30
_SLACK = 1e-9
"""Of sums of memory in floating point."""


@dataclass(frozen=True)
class Limits:
    """What jobs may take together, from the settings of whoever submitted last."""

    cores: int
    memory_gib: float
    gpus: tuple[int, ...] | None = None
    """Indices of the devices that may be used; None: all."""
    devices: str = ""
    """A file that stands for NVML; see `devices.devices`."""

    def usable(self) -> tuple[Device, ...]:
        """The devices that jobs may use, as they are now."""
        found = devices(Path(self.devices) if self.devices else None)
        return tuple(one for one in found if self.gpus is None or one.index in self.gpus)

    def never(self, need: Need) -> str:
        """Why a job could not start even on the empty machine; nothing where it could."""
        if need.cores > self.cores:
            return f"it needs {need.cores} cores; jobs have {self.cores}"
        if need.memory_gib > self.memory_gib + _SLACK:
            return f"it needs {need.memory_gib:.3g} GiB of memory; jobs have {self.memory_gib:.3g}"
        if not need.gpus:
            return ""
        found = self.usable()
        if need.gpus > len(found):
            return f"it needs {counted(need.gpus, 'GPU')}; jobs have {len(found) or 'none'}" + _hint(found)
        if need.gpus > sum(one.memory_gib + _SLACK >= need.gpu_memory_gib for one in found):
            sizes = ", ".join(f"{one.memory_gib:.3g}" for one in found)
            return f"it needs {need.gpu_memory_gib:.3g} GiB on {counted(need.gpus, 'GPU')}; they have {sizes}"
        return ""


def read_limits(jobs: Path) -> Limits:
    """The limits that were written down last."""
    found = papers.read(jobs / "limits.json")
    if found is None:
        return machine()
    gpus = found.pop("gpus", None)
    return Limits(**found, gpus=None if gpus is None else tuple(gpus))


def machine() -> Limits:
    """All that this machine has; inside a container, what that may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    bytes_there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    quota, _, period = _cgroup("cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit():
        cores = max(1, min(cores, int(quota) // int(period)))
    if (cap := _cgroup("memory.max")).isdigit():
        bytes_there = min(bytes_there, int(cap))
    return Limits(cores, bytes_there / GIB)


def _cgroup(name: str) -> str:
    try:
        return Path("/sys/fs/cgroup", name).read_text("ascii").strip()
    except OSError:
        return ""


@dataclass
class Room:
    """What is left, from the first of the queue to the last.

    Nobody overtakes: behind a job that waits for cores or memory, nothing starts; behind one that waits for a GPU,
    nothing that needs one. So a big job is not kept waiting by small ones for ever.
    """

    cores: int
    memory_gib: float
    devices: Callable[[], Iterable[Device]] = tuple
    """Asked once, when a job needs one: those that nobody holds by lease."""
    full: bool = False
    """Nothing more may start."""
    _gpus_shut: str = ""

    @classmethod
    def beside(cls, limits: Limits, running: Iterable[Need], devices: Callable[[], Iterable[Device]] = tuple) -> Room:
        """What the running jobs leave."""
        needs = list(running)
        cores = limits.cores - sum(need.cores for need in needs)
        return cls(cores, limits.memory_gib - sum(need.memory_gib for need in needs), devices)

    @cached_property
    def free(self) -> list[Device]:
        """Devices to be had, most free memory first."""
        return sorted(self.devices(), key=lambda one: (-one.free_gib, one.index))

    def why_not(self, need: Need) -> str:
        """Why a job has to wait, nothing where it may start; whoever waits holds up those behind it."""
        if need.gpus and (reason := self._gpus_shut or self._no_gpu(need)):
            self._gpus_shut = "waits for those before it, which need a GPU too"
            return reason
        reason = ""
        if need.cores > self.cores:
            reason = f"waits for {counted(need.cores, 'core')}: {max(0, self.cores)} free"
        elif need.memory_gib > self.memory_gib + _SLACK:
            reason = f"waits for {need.memory_gib:.3g} GiB of memory: {max(0.0, self.memory_gib):.3g} free"
        self.full = bool(reason)
        return reason

    def take(self, need: Need) -> list[Device]:
        """Give a job what it needs; its devices, those with the most free memory."""
        self.cores -= need.cores
        self.memory_gib -= need.memory_gib
        if not need.gpus:
            return []
        chosen = self.free[: need.gpus]
        del self.free[: need.gpus]
        return chosen

    def _no_gpu(self, need: Need) -> str:
        if len(self.free) < need.gpus:
            return f"waits for {counted(need.gpus, 'GPU')}: {len(self.free)} free"
        tight = [one for one in self.free[: need.gpus] if one.free_gib + _SLACK < need.gpu_memory_gib]
        if not tight:
            return ""
        seen = ", ".join(f"GPU {one.index} has {one.free_gib:.3g} of {one.memory_gib:.3g}" for one in tight)
        return f"waits for {need.gpu_memory_gib:.3g} GiB on a GPU: {seen} GiB free, the rest is taken by somebody else"


def _hint(found: tuple[Device, ...]) -> str:
    if found or find_spec("pynvml"):
        return ""
    return " (GPUs are found with the package nvidia-ml-py, which is not installed)"
