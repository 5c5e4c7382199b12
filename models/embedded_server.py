"""The embedded server as a program: llama.cpp's HTTP server over one GGUF file, gone soon after its last user."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import Timeout

from wunderkammer.core.meeting import Folder, State, wait_until_unused

HOST = "127.0.0.1"
OCCUPIED = 3
"""Exit code where another server has the folder."""


def main() -> int:
    """Serve until nobody has held a seat for `--linger` seconds."""
    options = _parser().parse_args()
    folder = Folder(options.folder)
    try:
        owned = folder.server().acquire(timeout=0)
    except Timeout:
        print(f"another server lives in {folder.path}", file=sys.stderr)
        return OCCUPIED
    with owned:
        server = start(
            Serving(
                model=options.model,
                adapters=tuple(options.adapter),
                alias=options.alias,
                port=options.port,
                threads=options.threads,
                context=options.context,
                parallel=options.parallel,
            )
        )
        name = options.alias or options.model.stem
        folder.publish(State(pid=os.getpid(), url=server.listening_address, model=name, started=time.time()))
        with wait_until_unused(folder, options.linger):
            folder.forget()
            # Both locks go with the process. Native threads may still hold sockets of clients that went away, and there
            # is nothing to save, so no destructor is waited for.
            os._exit(0)


@dataclass(frozen=True)
class Serving:
    """What is served, and how."""

    model: Path
    adapters: tuple[Path, ...] = ()
    """GGUF LoRA files. All act, unless a request chooses by `"lora": [{"id": index, "scale": 1.0}]`."""
    alias: str = ""
    """Name of the model in the list; empty: that of its file."""
    port: int = 0
    """Taken if it is free, else another."""
    threads: int | None = None
    context: int = 16384
    """Tokens over all slots."""
    parallel: int = 8
    """Slots; further requests queue."""


def start(serving: Serving) -> Any:
    """A listening `xllamacpp.Server`; it serves until it is collected. `RuntimeError` where it cannot."""
    # Read when libgomp is loaded, so it has to stand before the import. Spinning barriers of two threads on a busy
    # machine made 64 tokens take 108 s instead of 1.9 s.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(serving.model)
    params.model_alias = {serving.alias or serving.model.stem}
    params.n_ctx = serving.context
    params.n_parallel = serving.parallel
    params.n_threads_http = 4 * serving.parallel  # so that /health and /metrics answer while every slot streams
    params.hostnames = [HOST]
    params.port = serving.port if _free(serving.port) else 0
    params.cors_origins = f"http://{HOST}"  # no key is asked for, so no web page may come in either
    params.endpoint_metrics = True
    params.use_jinja = True
    params.ui = False
    params.verbosity = 2  # warnings and errors
    if serving.threads is not None:
        params.cpuparams.n_threads = serving.threads
        params.cpuparams_batch.n_threads = serving.threads
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(file), 1.0) for file in serving.adapters]
    return xllamacpp.Server(params)


def _free(port: int) -> bool:
    """Whether a port can be had; a restarted server likes its old one, since its clients know it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wunderkammer.models.embedded_server", description=__doc__)
    add = parser.add_argument
    add("--folder", type=Path, required=True, help="where users and server meet")
    add("--model", type=Path, required=True, help="a GGUF file")
    add("--adapter", type=Path, action="append", default=[], help="a GGUF LoRA file; may be repeated")
    add("--alias", default="", help="name of the model in the server's list; default: that of its file")
    add("--port", type=int, default=0, help="0, or one that is taken: a free one")
    add("--threads", type=int, help="CPU threads; default: all cores")
    add("--context", type=int, default=16384, help="tokens over all slots")
    add("--parallel", type=int, default=8, help="slots")
    add("--linger", type=float, default=10.0, help="seconds to stay after the last user")
    return parser


if __name__ == "__main__":
    sys.exit(main())
