"""A real Ray cluster on this machine, in a network that has no interface but the loopback.

Ray listens at the machine's address even where it is told 127.0.0.1, and whoever reaches its dashboard may run programs
here. So it is started only where there is no other address:

    unshare -rnpf --mount-proc --kill-child sh -c 'ip link set lo up && pytest -m slow tests/jobs/test_ray.py'
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from wunderkammer.jobs import tree

PATIENCE = 90.0
_LISTENS = "0A"
_LOOPBACK = ("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F")


def lacks() -> str:
    """Why there can be no cluster here; empty where there can."""
    if command() is None:
        return 'needs the program ray: pip install "wunderkammer[ray]"'
    if {name for _, name in socket.if_nameindex()} != {"lo"}:
        return "needs a network of its own, since Ray listens at every address: unshare -rn, see tests/stage/rays.py"
    return ""


def command() -> str | None:
    """The program `ray`, of this environment or of another."""
    beside = Path(sys.executable).parent / "ray"
    return str(beside) if beside.is_file() else shutil.which("ray")


class Cluster:
    """A head, and the workers that were added."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.dashboard, agent, client = free_ports(4)
        self.url = f"http://127.0.0.1:{self.dashboard}"
        self.head = self._start(
            2, "--head", f"--port={self.port}", "--dashboard-host=127.0.0.1", f"--dashboard-port={self.dashboard}",
            f"--dashboard-agent-listen-port={agent}", f"--ray-client-server-port={client}", f"--temp-dir={folder}/s",
        )  # fmt: skip
        self.workers: list[subprocess.Popen[bytes]] = []
        self.await_news(set())

    def add(self, cores: int) -> subprocess.Popen[bytes]:
        """A further machine, as Ray sees it."""
        before = set(self.nodes())
        self.workers.append(self._start(cores, f"--address=127.0.0.1:{self.port}"))
        self.await_news(before)
        return self.workers[-1]

    def nodes(self) -> list[str]:
        found = httpx.get(f"{self.url}/api/v0/nodes", timeout=60).json()["data"]["result"]["result"]
        return [one["node_id"] for one in found if one["state"] == "ALIVE"]

    def await_news(self, known: set[str]) -> None:
        """Until there is a machine more than those."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if set(self.nodes()) - known:
                    return
            except (httpx.HTTPError, ValueError, KeyError, TypeError):
                pass  # it is still coming up
            if time.monotonic() > deadline:
                raise TimeoutError("".join(file.read_text() for file in self.folder.glob("*.txt")))
            time.sleep(0.2)

    def strangers(self) -> list[str]:
        """Addresses at which the cluster listens and which other machines could reach."""
        pids = {pid for one in (self.head, *self.workers) for pid in {one.pid, *tree.below(one.pid)}}
        inodes = {found for pid in pids for found in _sockets(pid)}
        rows = [
            line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]
        ]
        listening = [row[1] for row in rows if row[3] == _LISTENS and row[9] in inodes]
        if not listening:
            raise ValueError("it listens nowhere at all: this look has seen nothing")
        return [one for one in listening if one.partition(":")[0] not in _LOOPBACK]

    def close(self) -> None:
        for one in (*self.workers, self.head):
            kill(one)

    def _start(self, cores: int, *words: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{time.monotonic_ns()}.txt").open("wb") as log:
            return subprocess.Popen(
                [
                    command() or "ray", "start", *words, "--block", "--node-ip-address=127.0.0.1",
                    f"--num-cpus={cores}", "--num-gpus=0", "--object-store-memory=80000000", "--disable-usage-stats",
                    "--min-worker-port=0", "--max-worker-port=0",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "RAY_DISABLE_IMPORT_WARNING": "1"},
            )  # fmt: skip


@contextmanager
def cluster() -> Iterator[Cluster]:
    """One for the length of a block; ended with all that it started."""
    if why := lacks():
        raise ValueError(why)
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # short: Ray puts sockets in it
    made = None
    try:
        made = Cluster(folder)
        yield made
    finally:
        if made is not None:
            made.close()
        shutil.rmtree(folder, ignore_errors=True)


def kill(machine: subprocess.Popen[bytes]) -> None:
    """End a machine as a power cut would."""
    family = {machine.pid, *tree.below(machine.pid)}
    tree.send(family, signal.SIGKILL)
    machine.wait(120)
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}/exe").exists() and _lives(pid) for pid in family) and time.monotonic() < deadline:
        time.sleep(0.05)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens at."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _sockets(pid: int) -> set[str]:
    try:
        links = [str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return set()
    return {link[8:-1] for link in links if link.startswith("socket:[")}
