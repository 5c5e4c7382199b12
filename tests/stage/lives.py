"""Expeditions as processes of their own, which a test begins, signals, kills and begins again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

from wunderkammer.core.events import Ended
from wunderkammer.core.plan import SearchPlan

PROGRAM = Path(__file__).parent / "nursery.py"
ROLES = ("mutator", "target", "judge", "classifier")


@dataclass(frozen=True)
class Voyage:
    """What a life is told: one run in one home."""

    home: Path
    plan: SearchPlan
    url: str
    run: str = "r"
    server: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the server beside its url."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    budget: Mapping[str, Any] = field(default_factory=dict)
    """Limits that override the plan's."""
    file_bytes: int | None = None
    """No file may grow beyond this."""
    wander: Mapping[str, Any] | None = None
    """The plan of an autonomous run, which then takes the place of the search."""
    training_s: float = 0.0
    """How long the trainer of its hardenings takes."""

    def line(self, name: int) -> bytes:
        seats = {role: {"server": "stage", "model": f"planted-{role}"} for role in ROLES}
        seats["default"] = {"server": "stage", "model": "planted-judge"}
        settings = {"embedder": "hashed", "servers": {"stage": {"url": self.url, **self.server}}, "roles": seats}
        spec = {
            "name": name,
            "home": str(self.home),
            "run": self.run,
            "plan": self.plan.model_dump(mode="json"),
            "settings": {**settings, **self.settings},
            "budget": dict(self.budget),
            "log": str(self.log),
            "file_bytes": self.file_bytes,
            "wander": None if self.wander is None else dict(self.wander),
            "training_s": self.training_s,
        }
        return json.dumps(spec).encode() + b"\n"

    @property
    def log(self) -> Path:
        return self.home.parent / f"{self.home.name}-{self.run}.log"


@dataclass(frozen=True)
class Cure:
    """What a life is told: one hardening in one home, as its row has it."""

    home: Path
    hardening: Mapping[str, Any]
    settings: Mapping[str, Any]
    training_s: float = 0.0
    """How long the trainer takes."""

    def line(self, name: int) -> bytes:
        spec = {
            "name": name,
            "home": str(self.home),
            "hardening": dict(self.hardening),
            "settings": dict(self.settings),
            "training_s": self.training_s,
            "log": str(self.log),
            "file_bytes": None,
        }
        return json.dumps(spec).encode() + b"\n"

    @property
    def log(self) -> Path:
        return self.home.parent / f"{self.home.name}-{self.hardening['id']}.log"


@dataclass(frozen=True)
class Death:
    """How a life ended."""

    code: int
    """Exit code; -9 for SIGKILL."""
    ended: Ended | None
    """The expedition's last word, if it came to one."""
    said: str
    """What went to stderr."""

    @property
    def status(self) -> str | None:
        return self.ended.status if self.ended else None


@dataclass
class Life:
    """A process at work on a run."""

    voyage: Voyage | Cure
    pid: int = 0
    born: Future[None] = field(default_factory=Future)
    died: Future[Death] = field(default_factory=Future)
    ended: Ended | None = None

    @property
    def over(self) -> bool:
        return self.died.done()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it is too late."""
        if not self.over:
            os.kill(self.pid, number)

    async def death(self) -> Death:
        """Wait for the end."""
        return await asyncio.shield(asyncio.wrap_future(self.died))

    async def until(self, met: Callable[[], bool]) -> bool:
        """Wait until a condition is met; False where the end came before it."""
        while not met():
            if self.over:
                return False
            await asyncio.sleep(0.001)
        return True


class Nursery:
    """Begins lives, as many at a time as one likes."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._names = count()
        self._unborn: dict[int, Life] = {}
        self._alive: dict[int, Life] = {}
        self._ready: Future[None] = Future()
        self._ear = Thread(target=self._listen, daemon=True)
        self._ear.start()
        self._ready.result(timeout=180)

    async def begin(self, voyage: Voyage | Cure) -> Life:
        """Begin or resume a run."""
        voyage.log.unlink(missing_ok=True)
        name = next(self._names)
        life = self._unborn[name] = Life(voyage)
        assert self._process.stdin is not None
        self._process.stdin.write(voyage.line(name))
        self._process.stdin.flush()
        await asyncio.wait_for(asyncio.wrap_future(life.born), 120)
        return life

    async def whole(self, voyage: Voyage | Cure) -> Death:
        """A life that nobody disturbs."""
        return await (await self.begin(voyage)).death()

    def end(self) -> None:
        """Kill who is left, and close."""
        for life in self._alive.values():
            life.signal(signal.SIGKILL)
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)
        self._ear.join(60)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            match json.loads(line):
                case {"ready": _}:
                    self._ready.set_result(None)
                case {"born": pid, "name": name}:
                    life = self._alive[pid] = self._unborn.pop(name)
                    life.pid = pid
                    life.born.set_result(None)
                case {"ended": pid, "as": word}:
                    self._alive[pid].ended = Ended(**word)
                case {"died": pid, "code": code}:
                    life = self._alive.pop(pid)
                    log = life.voyage.log
                    said = log.read_text("utf-8", "replace") if log.exists() else ""
                    life.died.set_result(Death(code, life.ended, said))


@contextmanager
def nursery() -> Iterator[Nursery]:
    """A nursery for the length of the block."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, str(PROGRAM)], stdin=pipe, stdout=pipe) as process:
        found = Nursery(process)
        try:
            yield found
        finally:
            found.end()
