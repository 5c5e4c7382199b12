"""The server as a program: it starts, answers, and ends with whoever started it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing

import httpx
import pytest

from wunderkammer.models.rehearsal import rehearsal_process

COMMAND = [sys.executable, "-m", "wunderkammer.models.rehearsal"]


def test_a_block_starts_and_ends_it() -> None:
    with rehearsal_process("--planted", "5", "--seed", "3") as url:
        listed = [model["id"] for model in httpx.get(f"{url}/models").json()["data"]]
        assert "planted-target" in listed
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/models")


@pytest.mark.parametrize("end", ["stdin", "term"])
def test_it_ends_with_its_parent_or_when_told(end: str) -> None:
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        with closing(child.stdin):
            assert json.loads(child.stdout.readline())["url"].startswith("http://127.0.0.1:")
            if end == "stdin":
                child.stdin.close()
            else:
                os.kill(child.pid, signal.SIGTERM)
            assert child.wait(timeout=120) == 0


def test_wrong_arguments_are_told_in_one_line() -> None:
    done = subprocess.run([*COMMAND, "--faults", "418=1"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("no fault 418")
    assert done.stderr.count("\n") == 1
