"""The process behind a vLLM server of ours: who uses it, who keeps it, how it is started, why it died."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from filelock import Timeout

import wunderkammer
from wunderkammer.core.errors import ConfigError, ServerDown
from wunderkammer.core.ids import content_id
from wunderkammer.core.meeting import Folder
from wunderkammer.core.settings import Settings, VllmSettings
from wunderkammer.jobs import surroundings
from wunderkammer.jobs.devices import Device
from wunderkammer.jobs.environments import python_of
from wunderkammer.jobs.leases import Leases
from wunderkammer.jobs.vllm import launch
from wunderkammer.jobs.vllm.death import why

ENTER_S = 30.0
"""How long another process may be busy with the folder before we say that it is."""
KEEPER_S = 20.0
"""How long a keeper may take to come up."""


class Host:
    """One user's hands on the folder of one server. Everything here blocks: call it in a thread."""

    def __init__(
        self, settings: Settings, name: str, vllm: VllmSettings, linger: float, machine: Callable[[], Sequence[Device]]
    ) -> None:
        self.url = settings.server(name).url
        home = settings.home.resolve()
        self.folder = Folder(home / "servers" / f"vllm-{content_id('vllm', self.url)[:12]}")
        self._leases = home / "jobs" / "leases"
        self._settings = settings
        self._name = name
        self._vllm = vllm
        self._linger = linger
        self._machine = machine
        self._seat = self.folder.seat()

    def enter(self) -> None:
        """Take a seat: a server of ours stays for as long as anybody has one."""
        self.folder.prepare()
        try:
            with self.folder.gate().acquire(timeout=ENTER_S):
                self._seat.take()
        except Timeout:
            raise ServerDown(f"another process is busy with {self.folder.path}") from None

    def leave(self) -> None:
        self._seat.leave()

    def kept(self) -> bool:
        """Whether a keeper lives, be the server still starting."""
        try:
            with self.folder.gate().acquire(timeout=ENTER_S):
                return self.folder.alive()
        except Timeout:
            raise ServerDown(f"another process is busy with {self.folder.path}") from None

    def start(self) -> None:
        """Start a keeper, and with it the server, where there is none; returns once it has the folder."""
        order = self._order()
        with self.folder.gate().acquire(timeout=ENTER_S):
            if self.folder.alive():
                return
            self.folder.forget()
            (self.folder.path / launch.FILE).write_text(order.model_dump_json(), "utf-8")
            with self.folder.log.open("wb") as words:
                keeper = subprocess.Popen(
                    [sys.executable, "-P", "-m", "wunderkammer.jobs.vllm.keeper", str(self.folder.path)],
                    stdin=subprocess.DEVNULL,
                    stdout=words,
                    stderr=words,
                    env={**surroundings.clean(order.hidden), "PYTHONPATH": str(Path(wunderkammer.__file__).parents[1])},
                    start_new_session=True,  # Ctrl-C in one user's terminal is not meant for the others' server
                )
            # Waits for its end, so that no zombie remains. It may outlive this process: nothing waits for the thread.
            threading.Thread(target=keeper.wait, daemon=True, name=f"reaper of {self._name}").start()
            began = time.monotonic()
            while self.folder.state() is None:
                if keeper.poll() is not None:
                    raise ConfigError(self.why())
                if time.monotonic() - began > KEEPER_S:
                    keeper.kill()
                    raise ServerDown(f"the keeper of {self._name} did not come up; see {self.folder.log}")
                time.sleep(0.02)

    def why(self) -> str:
        """Why it did not start, by its log."""
        try:
            said = self.folder.log.read_text("utf-8", "replace")
        except FileNotFoundError:
            said = ""
        return f"vLLM with {self._vllm.model} did not start: {why(said)} (see {self.folder.log})"

    def trained_on(self) -> bool:
        """Whether a job has one of its GPUs."""
        holders = map(Leases(self._leases).holder, self._devices())
        return any(holder is not None and not holder.startswith(launch.HOLDER) for holder in holders)

    def _devices(self) -> tuple[str, ...]:
        """Ids of its GPUs; none where this machine does not show them."""
        wanted = set(self._vllm.gpus)
        return tuple(device.id for device in self._machine() if device.index in wanted) if wanted else ()

    def _order(self) -> launch.Launch:
        return launch.Launch(
            command=launch.command(self._vllm, python_of(self._settings, self._vllm.environment)),
            variables=launch.variables(self._vllm),
            url=self.url.removesuffix("/v1"),
            model=launch.served_name(self._vllm.model or ""),
            devices=self._devices(),
            leases=self._leases,
            linger=self._linger,
            hidden=tuple(server.key_env for server in self._settings.servers.values() if server.key_env),
        )
