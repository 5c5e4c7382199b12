"""Which domains there are, and what one of them is made of."""

from __future__ import annotations

from typing import Any

from wunderkammer import domains
from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.apps.chat.arguments import Nothing, OneDomain
from wunderkammer.apps.chat.office import Office, plain
from wunderkammer.core.contract import Domain, Trains
from wunderkammer.core.plan import presets


async def list_domains(office: Office, asked: Nothing) -> Sheet:
    """What there is to explore."""
    known = domains.installed()
    rows = tuple(
        (one.name, one.kind, _how(one), _grid(one), ", ".join(presets_of(one)), one.title) for one in known.values()
    )
    columns = ("domain", "kind", "how", "cells", "presets", "title")
    return Sheet(title=f"{len(rows)} domains", columns=columns, rows=rows)


async def describe_domain(office: Office, asked: OneDomain) -> Sheet:
    """The axes of a domain with all their values, and its options."""
    one = domains.find(asked.domain)
    options = tuple(
        (f"option {name}", plain(field.get_default(call_default_factory=True)))
        for name, field in one.options.model_fields.items()
    )
    return Sheet(
        title=f"{one.name}: {one.title}",
        subject=one.name,
        facts=(("kind", one.kind), ("how", _how(one)), ("presets", ", ".join(presets_of(one))), *options),
        columns=("axis", "values") if one.axes else (),
        rows=tuple((axis, ", ".join(values)) for axis, values in one.axes.items()),
    )


def presets_of(domain: type[Domain[Any]]) -> list[str]:
    """Names of the presets that ship with a domain."""
    folder = domains.folder_of(domain)
    return list(presets(domain.name, folder)) if folder else []


def is_study(domain: type[Domain[Any]]) -> bool:
    """Whether a domain is studied by jobs rather than searched."""
    return issubclass(domain, Trains)


def _how(domain: type[Domain[Any]]) -> str:
    return "study" if is_study(domain) else "search"


def _grid(domain: type[Domain[Any]]) -> str:
    return " × ".join(f"{len(values)} {axis}" for axis, values in domain.axes.items()) or "none"
