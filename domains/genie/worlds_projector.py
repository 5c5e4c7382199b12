"""The other end of the booth: a learned world in a process of its own, in whichever environment has torch."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TypeVar

from pydantic import ValidationError

import wunderkammer
from wunderkammer.core.abilities import Quarters
from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError, WunderError
from wunderkammer.domains.genie.worlds_booth import Opening, Ready, Showing, Shown, Take

MODULE = "wunderkammer.domains.genie.worlds_booth"
PATIENCE_S = 5.0
"""What the program may take to end when nobody asks any more."""
T = TypeVar("T", bound=Frozen)


class Projector:
    """Shows frames to one world. Its process is started by the first that are shown, and ends with this object."""

    def __init__(self, opening: Opening, quarters: Quarters | None = None) -> None:
        """quarters: where it runs; default: with our own Python."""
        self.opening = opening
        path = Path(wunderkammer.__file__).parent.parent
        self.quarters = quarters or Quarters(python=Path(sys.executable), path=path)
        self.weights = ""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None

    def show(self, frames: Sequence[str]) -> Sequence[Take]:
        """What comes of each frame, as in `Prompt.frame`.

        Raises:
            ConfigError: there is no such world, it cannot be read, or frames are of another size than it.
            WunderError: the process has ended, or says what is no answer.
        """
        with self._lock:
            self._running()
            self._write(Showing(frames=tuple(frames)))
            found = self._read(Shown)
        if found.fault is not None:
            raise ConfigError(found.fault)
        return found.takes

    def _running(self) -> None:
        if self._process is not None:
            return
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (until the process has ended)
        try:
            self._process = subprocess.Popen(
                [str(self.quarters.python), "-P", "-m", MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                env={"PYTHONPATH": str(self.quarters.path), "OMP_NUM_THREADS": str(self.opening.threads)},
                start_new_session=True,  # so that it does not end by a Ctrl-C meant for us
            )
        except OSError as fault:
            self._said.close()
            raise ConfigError(f"{self.quarters.python}: {fault.strerror}; make it with: wunder setup video") from None
        weakref.finalize(self, _end, self._process, self._said)
        self._write(self.opening)
        ready = self._read(Ready)
        if ready.fault is not None:
            self._process = None
            raise ConfigError(ready.fault)
        self.weights = ready.weights

    def _write(self, asked: Frozen) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(asked.model_dump_json().encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._ended() from None

    def _read(self, kind: type[T]) -> T:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            return kind.model_validate_json(line)
        except ValidationError:
            raise self._ended() from None

    def _ended(self) -> WunderError:
        """Why there is no answer, in one line; the next frames start another process."""
        process, said = self._process, self._said
        assert process is not None
        assert said is not None
        self._process = None
        process.kill()
        process.wait()
        said.seek(0)
        lines = [line.strip() for line in said.read().decode("utf-8", "replace").splitlines() if line.strip()]
        last = lines[-1][:200] if lines else "it said nothing"
        if "No module named" in last:
            return ConfigError(f"worlds are shown with torch: {last}; make its environment with: wunder setup video")
        return WunderError(f"the process of the learned world has ended: {last}")


def _end(process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:  # what was not read any more
                continue
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    said.close()
