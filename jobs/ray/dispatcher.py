"""Jobs on a Ray cluster: which jobs it could ever hold, and handing them in with what they need."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import ClassVar

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import ServerSettings, Settings
from wunderkammer.core.work import Job, Resources
from wunderkammer.jobs.cluster import Cluster, News, keeper, roots
from wunderkammer.jobs.dispatching import Dispatching
from wunderkammer.jobs.folder import Folder
from wunderkammer.jobs.ray import sight
from wunderkammer.jobs.ray.dashboard import GIB, Dashboard, Node

_SLACK = 1e-9


class RayDispatcher(Dispatching):
    """Ray decides which machine, keeps the count of cores, memory and GPUs, and gives each job devices of its own."""

    name: ClassVar[str] = "ray"

    def __init__(self, settings: Settings, *, grace_s: float = 5.0) -> None:
        """grace_s: see `Dispatching`."""
        url, key_env = settings.jobs.ray_url, settings.jobs.ray_key_env
        key = settings.secret(ServerSettings(url=url, key_env=key_env)) if key_env else None
        self.dashboard = Dashboard(url, key)
        super().__init__(settings, Cluster(RayScheduler(self.dashboard)), grace_s=grace_s)

    def fits(self, job: Job) -> None:
        """`ConfigError` where no machine of the cluster is large enough, or one that is does not see our home."""
        nodes = self.dashboard.nodes()
        if why := never(job.needs, nodes):
            raise ConfigError(f"{job.title or job.module} could never start: {why}")
        self.jobs.mkdir(parents=True, exist_ok=True)
        sight.look(self.dashboard, self.jobs, (one for one in nodes if not never(job.needs, [one])))


class RayScheduler:
    """The `Scheduler` over Ray Jobs."""

    name = "ray"
    title = "Ray"

    def __init__(self, dashboard: Dashboard) -> None:
        self.dashboard = dashboard

    def check(self) -> None:
        self.dashboard.check()

    def submit(self, folder: Folder, name: str) -> str:
        need = folder.errand().needs
        self.dashboard.submit(
            name,
            keeper(sys.executable, folder.path, f"{self.name} {name}"),
            {"PYTHONPATH": roots()},
            entrypoint_num_cpus=need.cores,
            entrypoint_num_gpus=need.gpus,
            entrypoint_memory=round(need.memory_gib * GIB),
        )
        return name

    def news(self, folder: Folder, one: str) -> News:
        found = self.dashboard.find(one)
        return News("gone") if found is None else found.news()

    def stop(self, folder: Folder, one: str) -> None:
        self.dashboard.stop(one)

    def log(self, folder: Folder, one: str) -> str:
        return self.dashboard.log(one)


def never(need: Resources, nodes: Sequence[Node]) -> str:
    """Why a job could not start even on the empty cluster; nothing where it could. It runs on one machine."""
    wants = {"cores": need.cores, "GPUs": need.gpus, "GiB of memory": need.memory_gib}
    has = [{"cores": one.cores, "GPUs": one.gpus, "GiB of memory": one.memory_gib} for one in nodes]
    if any(all(wants[what] <= one[what] + _SLACK for what in wants) for one in has):
        return ""
    if not has:
        return "Ray has no machine"
    for what, count in wants.items():
        most = max(one[what] for one in has)
        if count > most + _SLACK:
            return f"it needs {count:.3g} {what} on one machine; the largest of Ray's {len(has)} has {most:.3g}"
    all_of_it = ", ".join(f"{count:.3g} {what}" for what, count in wants.items() if count)
    return f"it needs {all_of_it} on one machine; Ray has none such"
