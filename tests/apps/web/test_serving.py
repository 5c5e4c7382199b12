"""The command: ports, tokens, who is told what; and a server that ends at once, whoever listens."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

READY_S = 120


@contextmanager
def wunder_web(home: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """`wunder web` as a process, and what it said until it answered."""
    command = [sys.executable, "-m", "wunderkammer.apps.cli", "web", "--port", "0", "--home", str(home), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=home) as process:
        try:
            assert process.stdout is not None
            said = [process.stdout.readline()]
            if "0.0.0.0" in words and "--token-file" not in words:
                said.append(process.stdout.readline())
            url = said[0].split()[2].rstrip("/")
            end = time.monotonic() + READY_S
            while time.monotonic() < end:
                try:
                    assert httpx2.get(f"{url}/healthz", timeout=READY_S).is_success
                    break
                except httpx2.TransportError:
                    time.sleep(0.2)
            yield process, said
        finally:
            process.kill()


def test_serves_with_a_made_up_token_and_ends_at_once_while_somebody_follows(tmp_path: Path) -> None:
    with wunder_web(tmp_path, "--host", "0.0.0.0") as (process, said):
        address, token = said[1].split()[-1].split("/login?token=")

        assert httpx2.get(f"{address}/api/runs", timeout=READY_S).status_code == 401
        bearer = {"authorization": f"Bearer {token}"}
        assert httpx2.get(f"{address}/api/runs", headers=bearer, timeout=READY_S).json() == {"runs": [], "total": 0}

        with httpx2.stream("GET", f"{address}/api/events", headers=bearer, timeout=READY_S) as stream:
            assert stream.status_code == 200
            follower = threading.Thread(target=stream.read)
            follower.start()
            start = time.monotonic()
            process.send_signal(signal.SIGINT)
            code = process.wait(READY_S)
            took = time.monotonic() - start
            follower.join(60)

        assert code == 0
        assert took < 60  # on a machine that is busy with other things; a second on one that is not
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_busy_port_is_one_line(wunder, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        typed = wunder("web", "--port", taken.getsockname()[1], "--home", tmp_path)

    assert typed.code == 2
    assert "choose another --port" in typed.err
    assert typed.err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [("--host", "no.such.host.invalid"), ("--token-file", "missing"), ("--token-file", "short")]
)
def test_what_cannot_be_is_one_line(wunder, tmp_path: Path, words: tuple[str, str]) -> None:
    (tmp_path / "short").write_text("123")

    typed = wunder("web", "--port", 0, "--home", tmp_path / "home", *words)

    assert typed.code == 2
    assert typed.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["short"]  # nothing was made
