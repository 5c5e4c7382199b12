"""Jobs as processes of this machine: `Dispatcher` of name `local`."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import ClassVar

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.core.work import Job
from wunderkammer.jobs import admission
from wunderkammer.jobs.admission import Limits
from wunderkammer.jobs.dispatching import Dispatching
from wunderkammer.jobs.folder import Folder, Need, read, write
from wunderkammer.jobs.machine import Machine


class LocalDispatcher(Dispatching):
    """Admission by cores, memory and GPUs; one keeper process for each job that runs."""

    name: ClassVar[str] = "local"

    def __init__(self, settings: Settings, *, devices: Path | None = None, grace_s: float = 5.0) -> None:
        """devices: a file that stands for NVML (see `devices.devices`). grace_s: see `Dispatching`."""
        super().__init__(settings, Machine(settings.home.expanduser().resolve() / "jobs"), grace_s=grace_s)
        self.devices = devices

    def limits(self) -> Limits:
        """What jobs may take together."""
        machine, jobs = admission.machine(), self.settings.jobs
        return replace(
            machine,
            cores=jobs.cores or machine.cores,
            memory_gib=jobs.memory_gib or machine.memory_gib,
            gpus=jobs.gpus,
            devices=str(self.devices or ""),
        )

    def fits(self, job: Job) -> None:
        """`ConfigError` where the empty machine is too small."""
        if why := self.limits().never(Need(**job.needs.model_dump())):
            raise ConfigError(f"{job.title or job.module} could never start: {why}")

    def _prepare(self, folder: Folder) -> None:
        """Leave the limits where keepers find them."""
        super()._prepare(folder)
        limits, file = asdict(self.limits()), self.jobs / "limits.json"
        if read(file) != {**limits, "gpus": None if limits["gpus"] is None else list(limits["gpus"])}:
            write(file, limits)
