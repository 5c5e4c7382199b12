"""The environment variables that a job finds: ours without secrets, and what its resources are."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from urllib.parse import urlsplit

MARK = "WUNDERKAMMER_JOB"
"""Which job a process belongs to: inherited by all that it starts, and so found again after its keeper died."""

_SECRET = re.compile(
    r"TOKEN(?!IZ)|SECRET|PASSW|PASSPHRASE|CREDENTIAL|COOKIE|KEYS?$|(?:^|_)(?:KEYS?|AUTH|PASS|PWD|DSN)(?:_|$)"
)
_OURS = ("WUNDER_", MARK, "PYTHONHOME", "PYTHONSTARTUP", "PYTHONPATH")
"""Settings of ours may hold addresses with a login in them; those of Python are for another Python."""
_HARMLESS = {"PWD", "OLDPWD", "PYTHON_KEYRING_BACKEND"}


def clean(hidden: Collection[str] = ()) -> dict[str, str]:
    """Our own environment without secrets."""
    return without_secrets(os.environ, hidden)


def without_secrets(variables: Mapping[str, str], hidden: Collection[str] = ()) -> dict[str, str]:
    """Variables whose name and value look like nobody's secret.

    hidden: names that are secrets although they do not look like it (`key_env` in the settings).
    """
    return {
        name: value
        for name, value in variables.items()
        if name not in hidden
        and not name.startswith(_OURS)
        and (name in _HARMLESS or not _SECRET.search(name.upper()))
        and not _has_login(value)
    }


def for_job(
    mark: str, paths: Sequence[str], cores: int, gpus: Sequence[str], hidden: Collection[str]
) -> dict[str, str]:
    """The environment of a job's program.

    mark: see `MARK`. paths: where it imports from beside its own packages. gpus: ids of its devices; without one it
    sees none.
    """
    return {
        **clean(hidden),
        MARK: mark,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": str(cores),
        "OMP_WAIT_POLICY": "PASSIVE",  # spinning barriers cost most of a machine that others use too
        "CUDA_VISIBLE_DEVICES": ",".join(gpus),
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
    }


def visible_gpus() -> tuple[str, ...]:
    """The devices that whoever started this process lets it see."""
    return tuple(one for one in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if one)


def _has_login(value: str) -> bool:
    if "://" not in value or "@" not in value:
        return False
    try:
        return urlsplit(value).password is not None
    except ValueError:  # no address that anybody could use
        return True
