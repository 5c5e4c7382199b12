"""The web application served from a thread, as a browser or another program meets it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from wunderkammer.apps.web.serving import server


@dataclass(frozen=True)
class Site:
    """An application that is served."""

    url: str
    app: FastAPI


@contextmanager
def served(make: Callable[[int], FastAPI]) -> Iterator[Site]:
    """Serve an application from a thread for the length of the block. make: makes it for a port, which is held from
    then on: nobody else can take it in between."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = int(place.getsockname()[1])
        app = make(port)
        host = server(app, port=port)
        thread = threading.Thread(target=host.run, args=([place],), daemon=True)
        thread.start()
        try:
            _await(lambda: host.started or not thread.is_alive())
            assert host.started
            yield Site(f"http://127.0.0.1:{port}", app)
        finally:
            host.should_exit = True
            thread.join(60)


def _await(done: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)
