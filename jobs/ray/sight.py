"""Whether the machines of a cluster see the home folder as we do: its files, its locks, our Python and our package.

    python -m wunderkammer.jobs.ray.sight FOLDER NAME

reads FOLDER/nonce, looks whether FOLDER/held is locked (by who asks), and writes both to FOLDER/NAME. Standard library
alone, like all that a cluster runs of ours before a job's own program.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from wunderkammer.core import locks
from wunderkammer.core.errors import ConfigError
from wunderkammer.jobs.cluster import roots
from wunderkammer.jobs.folder import read, write
from wunderkammer.jobs.ray.dashboard import Dashboard, Node

PATIENCE = 90.0
"""Seconds for all machines to answer; a worker of Ray takes some to start."""
SETTLES = 5.0
"""Seconds until a file that another machine wrote has to be seen here."""


def main(argv: list[str]) -> int:
    """Look, and say what is seen."""
    folder = Path(argv[0])
    seen = {"nonce": (folder / "nonce").read_text("ascii"), "locked": locks.held(folder / "held")}
    write(folder / argv[1], seen)
    return 0


def look(dashboard: Dashboard, jobs: Path, nodes: Iterable[Node]) -> None:
    """`ConfigError` for the first machine that does not see HOME/jobs; those that did once are not asked again."""
    file = jobs / "ray-machines.json"
    known = read(file) or {}
    fresh = [one for one in nodes if one.node_id not in known]
    if not fresh:
        return
    nonce = secrets.token_hex(8)
    folder = jobs / "sight" / nonce
    folder.mkdir(parents=True)
    handle = locks.take(folder / "held")
    try:
        (folder / "nonce").write_text(nonce, "ascii")
        for one in fresh:
            dashboard.submit(
                _name(one, nonce),
                [sys.executable, "-P", "-m", "wunderkammer.jobs.ray.sight", str(folder), one.node_id],
                {"PYTHONPATH": roots()},
                entrypoint_num_cpus=0,  # it has to run although the machine is busy
                entrypoint_label_selector={"ray.io/node-id": one.node_id},
            )
        deadline = time.monotonic() + PATIENCE
        for one in fresh:
            _await(dashboard, one, folder, deadline)
    finally:
        if handle is not None:
            os.close(handle)
        shutil.rmtree(folder, ignore_errors=True)
    write(file, {**known, **{one.node_id: one.node_ip for one in fresh}})


def _await(dashboard: Dashboard, node: Node, folder: Path, deadline: float) -> None:
    name = _name(node, folder.name)
    while (found := dashboard.find(name)) is None or found.news().fate in ("waits", "runs"):
        if time.monotonic() > deadline:
            raise ConfigError(f"machine {node.node_ip} of Ray did not say within {PATIENCE:g} s what it sees of ours")
        time.sleep(0.1)
    if found.status != "SUCCEEDED":
        said = [line for line in dashboard.log(name).splitlines() if line.strip()]
        raise ConfigError(
            f"machine {node.node_ip} of Ray does not see {folder.parents[2]}, or has not our Python {sys.executable}: "
            f"both have to lie on a file system that all machines share ({said[-1][:200] if said else found.message})"
        )
    settled = time.monotonic() + SETTLES
    while (seen := _read(folder / node.node_id)) is None and time.monotonic() < settled:
        time.sleep(0.1)
    if seen is None or seen["nonce"] != folder.name:
        raise ConfigError(
            f"machine {node.node_ip} of Ray has another {folder.parents[2]} than this one: all have to share one"
        )
    if not seen["locked"]:
        raise ConfigError(
            f"machine {node.node_ip} of Ray does not see locks of this one on {folder.parents[2]}: mount it with locks"
            " (NFS 4, Lustre with `flock`)"
        )


def _name(node: Node, nonce: str) -> str:
    return f"wunder-sight-{nonce}-{node.node_id[:12]}"


def _read(file: Path) -> dict[str, object] | None:
    try:
        return read(file)
    except json.JSONDecodeError:
        return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
