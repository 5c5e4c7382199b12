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
def served(app: FastAPI, port: int) -> Iterator[Site]:
    """Serve an application from a thread for the length of the block."""
    host = server(app, port=port)
    thread = threading.Thread(target=host.run, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{port}"
    try:
        _await(lambda: host.started or not thread.is_alive())
        assert host.started
        yield Site(url, app)
    finally:
        host.should_exit = True
        thread.join(10)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


def _await(done: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)
