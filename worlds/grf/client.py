"""The other end of the referee: a process in the environment that has the engine, asked for matches."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import wunderkammer
from wunderkammer.core.errors import ConfigError, WunderError

START_S = 120.0
"""How long the engine may take to start."""


class EngineDied(WunderError):
    """The engine's process ended while it was asked, or said something that is no answer."""


class Referee:
    """One process that plays; one request at a time. Ends with the block.

    python: the interpreter of the environment that `make grf` made. tizero: weights as safetensors; without them only
    the engine's own players are known.
    """

    def __init__(self, python: Path, tizero: Path | None = None) -> None:
        if not python.is_file():
            raise ConfigError(f"{python}: no Python there; build Google Research Football with: make grf")
        if tizero is not None and not tizero.is_file():
            raise ConfigError(f"{tizero}: no such file; convert the released actor with: make grf TIZERO=actor.pt")
        self._command = [str(python.absolute()), "-m", "wunderkammer.worlds.grf.referee"]
        self._command += ["--tizero", str(tizero.absolute())] if tizero else []
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Referee:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process; the next request starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()

    def play(
        self, level: Mapping[str, Any], left: str, right: str, seeds: Sequence[int], steps: int, trace: bool = False
    ) -> list[dict[str, Any]]:
        """A match for each seed, as `pitch.Played` has it.

        Raises:
            ConfigError: the request cannot be met: a player is not known, or the level has not eleven a side.
            EngineDied: there is no answer, or a policy's scores were no numbers; never a result.
        """
        request = {"level": dict(level), "left": left, "right": right, "seeds": list(seeds), "steps": steps}
        with self._lock:
            answer = self._ask({**request, "trace": trace})
        if answer.get("refused"):
            raise ConfigError(f"Google Research Football: {answer['error']}")
        if "error" in answer:
            raise EngineDied(f"Google Research Football: {answer['error']}")
        matches: list[dict[str, Any]] = answer["matches"]
        return matches

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        process = self._running()
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            return self._read(process)
        except (OSError, EngineDied):
            self.close()
            raise EngineDied("Google Research Football: the engine's process has ended; its words are above") from None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            root = Path(wunderkammer.__file__).resolve().parent.parent
            # Nothing of our own surroundings: no secrets, no other Python's settings, no screen.
            around = {
                "SDL_VIDEODRIVER": "dummy",
                "PYTHONPATH": str(root),
                "OMP_NUM_THREADS": "1",
                "HOME": "/nonexistent",
            }
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=around
            )
            late = threading.Timer(START_S, self._process.kill)
            late.start()
            try:
                self._read(self._process)
            except EngineDied:
                self.close()
                raise ConfigError(
                    "Google Research Football does not start; its words are above, and make grf builds it"
                ) from None
            finally:
                late.cancel()
        return self._process

    def _read(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            said = json.loads(line)
        except ValueError:
            raise EngineDied(f"no answer but {line[:80]!r}") from None
        if not isinstance(said, dict):
            raise EngineDied(f"no answer but {line[:80]!r}")
        return said
