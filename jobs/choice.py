"""Which dispatcher the settings ask for."""

from __future__ import annotations

import sys
from importlib import import_module

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.jobs.dispatcher import Dispatcher

_ELSEWHERE = {
    "ray": ("wunderkammer.jobs.ray", "RayDispatcher"),
    "slurm": ("wunderkammer.jobs.slurm", "SlurmDispatcher"),
}


def dispatcher(settings: Settings) -> Dispatcher:
    """The dispatcher of `[jobs] dispatcher`; `ConfigError` names the extra to install where its package is missing."""
    if sys.platform == "win32":
        raise ConfigError("jobs need Linux or macOS; on Windows, use WSL")
    wanted = settings.jobs.dispatcher
    if wanted == "local":
        from wunderkammer.jobs.local import LocalDispatcher

        return LocalDispatcher(settings)
    module, name = _ELSEWHERE[wanted]
    try:
        found: Dispatcher = getattr(import_module(module), name)(settings)
    except ModuleNotFoundError as fault:
        raise ConfigError(f'dispatcher {wanted!r} lacks {fault.name}: pip install "wunderkammer[ray]"') from None
    return found
