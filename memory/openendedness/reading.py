"""A language model of this machine as a score for the `Language` observer: in this process, or in one beside it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from wunderkammer.core.errors import BadReply, ConfigError, ServerDown
from wunderkammer.memory.openendedness import reader
from wunderkammer.memory.openendedness.language import Score

_LEAVING_S = 10.0


@contextmanager
def reading(folder: Path, python: Path) -> Iterator[Score]:
    """A transformers folder, ready to be asked; see `reader.Reader`.

    python: of an environment with torch and transformers. Where it is our own, the model is loaded into this process.
    Raises `ConfigError` in one line where the model cannot be loaded; a question raises `BadReply` where a text cannot
    be scored, and `ServerDown` where the process is gone.
    """
    if not (folder / "config.json").is_file():
        raise ConfigError(f"{folder} is no transformers folder: it has no config.json")
    if python == Path(sys.executable):
        yield _here(folder)
        return
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log,
        _beside(folder, python, log) as process,
    ):
        yield _Aside(process, log)


def _here(folder: Path) -> Score:
    try:
        model = reader.Reader(str(folder))
    except (ImportError, OSError, ValueError, KeyError) as fault:
        raise ConfigError(f"{folder} cannot be loaded: {_first(str(fault))}") from fault

    def score(before: str, text: str) -> float:
        try:
            return model(before, text)
        except (ValueError, RuntimeError) as fault:
            raise BadReply(f"{folder.name}: {_first(str(fault))}") from fault

    return score


@contextmanager
def _beside(folder: Path, python: Path, log: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """The reader's process. It ends with its stdin, and so with us, however we end."""
    line = [str(python), str(Path(reader.__file__).resolve()), str(folder.resolve())]
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(line, stdin=pipe, stdout=pipe, stderr=log, text=True, encoding="utf-8")
    except OSError as fault:
        raise ConfigError(f"{python} cannot be started: {fault.strerror or fault}") from None
    try:
        assert process.stdout is not None
        told = _told(process.stdout.readline())
        if "ready" not in told:
            raise ConfigError(f"{folder} cannot be loaded: {told.get('fault') or _last(log)}")
        yield process
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(_LEAVING_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


class _Aside:
    """Asks the process."""

    def __init__(self, process: subprocess.Popen[str], log: IO[str]) -> None:
        self._process = process
        self._log = log

    def __call__(self, before: str, text: str) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):  # it is gone, and its last words are read below
            self._process.stdin.write(json.dumps({"before": before, "text": text}) + "\n")
            self._process.stdin.flush()
        told = _told(self._process.stdout.readline())
        if "nats" in told:
            return float(told["nats"])
        if "fault" in told:
            raise BadReply(f"the language model says: {told['fault']}")
        raise ServerDown(f"the language model's process ended: {_last(self._log)}")


def _told(line: str) -> dict[str, Any]:
    found = json.loads(line) if line.endswith("\n") else {}
    return found if isinstance(found, dict) else {}


def _last(log: IO[str]) -> str:
    """The last line of what a process said on stderr."""
    log.seek(0)
    lines = log.read().strip().splitlines()
    return lines[-1][:300] if lines else "it said nothing"


def _first(words: str) -> str:
    return (words.strip().splitlines() or ["it does not say why"])[0][:300]
