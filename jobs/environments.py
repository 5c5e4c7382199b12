"""Virtual environments of jobs: which Python a name stands for, and making one with what an extra of ours lists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, distribution, metadata
from pathlib import Path

from wunderkammer.core import locks
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.core.spelling import instead

_OF_EXTRA = re.compile(r"""\bextra\s*==\s*["']([\w-]+)["']""")
_OURS = re.compile(r"wunderkammer\[([\w,\s-]+)\]")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


def python_of(settings: Settings, name: str) -> Path:
    """The Python of an environment: as the settings say, else what `wunder setup NAME` made, else our own where it has
    the packages; `ConfigError` says how to make one."""
    if not name:
        return Path(sys.executable)
    named = settings.jobs.environments.get(name)
    if named is not None:
        return _named(named, name)
    folder = place(settings.home, name)
    if _ready(folder).is_file():
        return _python(folder)
    if name not in extras():
        known = ", ".join(sorted({*extras(), *settings.jobs.environments}))
        raise ConfigError(f"no environment {name!r}: set [jobs.environments] in wunder.toml, or use one of: {known}")
    missing = [package for package in map(_distribution, requirements(name)) if not _installed(package)]
    if missing:
        raise ConfigError(f"environment {name!r} lacks {', '.join(missing)}; make one with: wunder setup {name}")
    return Path(sys.executable)


def make(home: Path, name: str, *, python: str | None = None, tell: Callable[[str], None] = print) -> Path:
    """Make HOME/environments/NAME with what our extra of that name lists; its Python. One that was made half is begun
    anew, one that is whole is left alone.

    python: the interpreter to make it with; default: our own. tell: hears pip's lines.
    """
    wanted = requirements(name)
    folder = place(home, name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locks.holding(folder.with_name(f"{name}.lock")):
        recipe = "\n".join([python or sys.executable, *wanted])
        if _ready(folder).is_file() and _ready(folder).read_text("utf-8") == recipe:
            return _python(folder)
        if folder.exists():
            shutil.rmtree(folder)
        tell(f"making {folder}")
        _run([python or sys.executable, "-m", "venv", str(folder)], tell)
        _run([str(_python(folder)), "-m", "pip", "install", "--disable-pip-version-check", *wanted], tell)
        _ready(folder).write_text(recipe, "utf-8")
    return _python(folder)


def place(home: Path, name: str) -> Path:
    """Where an environment lies, or would."""
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name[:60]!r} is no name of an environment")
    return home.resolve() / "environments" / name


def extras() -> tuple[str, ...]:
    """The extras that our package has."""
    try:
        return tuple(metadata("wunderkammer").get_all("Provides-Extra") or ())
    except PackageNotFoundError:  # a source tree that was never installed
        return ()


def requirements(name: str) -> list[str]:
    """What an extra of ours lists, as pip takes it; extras that it names are opened up."""
    if name not in extras():
        there = sorted(extras()) or ["none; install the package first"]
        raise ConfigError(f"no extra {name!r}{instead(name, there)}")
    found: dict[str, None] = {}
    for line in distribution("wunderkammer").requires or ():
        wanted, _, marker = (part.strip() for part in line.partition(";"))
        if name not in _OF_EXTRA.findall(marker):
            continue
        ours = _OURS.match(wanted)
        inner = [one for part in ours[1].split(",") for one in requirements(part.strip())] if ours else [wanted]
        found.update(dict.fromkeys(inner))
    return list(found)


def _named(python: Path, name: str) -> Path:
    """As the settings say: the interpreter, or the folder of its environment."""
    python = python.expanduser()
    file = _python(python) if python.is_dir() else python
    if not file.is_file():
        raise ConfigError(f"[jobs.environments] {name} = {python}: no Python there")
    return file.absolute()  # not resolved: the link is what makes it a virtual environment


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"


def _ready(folder: Path) -> Path:
    return folder / "wunderkammer-ready"


def _distribution(requirement: str) -> str:
    found = _NAME.match(requirement)
    return found[0] if found else requirement


def _installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True


def _run(command: list[str], tell: Callable[[str], None]) -> None:
    """Run a command, line by line; `ConfigError` with its last line where it fails."""
    last = "it said nothing"
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except OSError as fault:
        raise ConfigError(f"{command[0]}: {fault.strerror}") from None
    with process:
        for line in _lines(process):
            tell(line)
            last = line
    if process.returncode:
        raise ConfigError(f"{' '.join(command[1:4])} failed: {last}")


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    if process.stdout is None:
        return
    yield from (line.rstrip() for line in process.stdout if line.strip())
