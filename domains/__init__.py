"""What is explored: one folder per system, found by looking, so that the eleventh needs no edit elsewhere."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from wunderkammer.core.contract import Domain
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.spelling import instead

AnyDomain = Domain[Any]


def installed() -> dict[str, type[AnyDomain]]:
    """Every domain by name: `DOMAINS` of each folder here, and the entry points `wunderkammer.domains`."""
    found: dict[str, type[AnyDomain]] = {}
    for folder in pkgutil.iter_modules(__path__):
        if folder.ispkg:
            for domain in getattr(import_module(f"{__name__}.{folder.name}"), "DOMAINS", ()):
                found[domain.name] = domain
    for point in entry_points(group="wunderkammer.domains"):
        domain = point.load()
        found[domain.name] = domain
    return dict(sorted(found.items()))


def find(name: str) -> type[AnyDomain]:
    """The domain of this name; a `ConfigError` has the nearest names, or all of them where none is near."""
    known = installed()
    if name in known:
        return known[name]
    raise unknown(name, known)


def unknown(name: str, known: Iterable[str]) -> ConfigError:
    """What to say of a name that no domain has."""
    return ConfigError(f"unknown domain {name!r}{instead(name, known, '; installed are: ')}")


def folder_of(domain: type[AnyDomain]) -> str:
    """The folder under `domains/` that a domain came with; empty for one from another distribution."""
    head, _, rest = domain.__module__.partition(f"{__name__}.")
    return "" if head else rest.split(".")[0]
