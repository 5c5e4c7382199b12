"""What an autonomous run may do, from what is installed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from wunderkammer import domains
from wunderkammer.apps.inquiry.conduct import studyable
from wunderkammer.core.autonomy import Activity, AutonomousPlan
from wunderkammer.core.contract import Evaluates
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.plan import presets, read_plan
from wunderkammer.core.settings import BudgetSettings, checked
from wunderkammer.core.study import read_study
from wunderkammer.domains import AnyDomain

SEARCHES = ("cpu", "smoke")
"""Presets that a search is taken from, the first that there is."""
STUDIES = ("slice", "smoke", "cpu")
"""The same of studies: a slice is what one choice may cost."""


def everything(only: Sequence[str], without: Collection[str], preset: str | None = None) -> tuple[Activity, ...]:
    """A search of each domain that can be searched and a study of each that can be studied.

    only: names of domains; empty: all. without: domains, or actions such as `study`. preset: of searches.
    """
    known = domains.installed()
    unknown = [name for name in (*only, *without) if name not in known and name not in ("search", "study", "harden")]
    if unknown:
        raise ConfigError(f"unknown domain {unknown[0]!r}; installed are: {', '.join(known)}")
    found = []
    for name, kind in known.items():
        if name in without or (only and name not in only):
            continue
        if isinstance(kind, Evaluates) and "search" not in without:
            found.append(_search(name, kind, preset))
        elif name in studyable() and "study" not in without:
            found.append(_study(name, kind))
    if not found:
        raise ConfigError("nothing is left to do: name other domains, or leave fewer out")
    return tuple(found)


def autonomous_plan(
    activities: Sequence[Activity], seed: int, budget: Mapping[str, Any], gpu_minutes: float | None
) -> AutonomousPlan:
    """The plan; a `ConfigError` names what is wrong with it."""
    limits = checked(BudgetSettings, budget, "budget")
    values = {"activities": tuple(activities), "seed": seed, "budget": limits, "gpu_minutes": gpu_minutes}
    return checked(AutonomousPlan, values, "autonomous run")


def _search(name: str, kind: AnyDomain | type[AnyDomain], preset: str | None) -> Activity:
    file = _preset(name, kind, (preset, *SEARCHES) if preset else SEARCHES)
    values: dict[str, Any] = {"domain": name}
    if file is not None:
        values = read_plan(file).model_dump(mode="json", exclude_defaults=True) | {"domain": name}
    values.pop("budget", None)  # a part has no budget of its own
    return Activity(action="search", subject=name, plan=values)


def _study(name: str, kind: AnyDomain | type[AnyDomain]) -> Activity:
    file = _preset(name, kind, STUDIES)
    values = {"domain": name} if file is None else read_study(file).model_dump(mode="json", exclude_defaults=True)
    values.pop("budget", None)
    return Activity(action="study", subject=name, plan={**values, "domain": name})


def _preset(name: str, kind: AnyDomain | type[AnyDomain], wanted: Sequence[str]) -> Path | None:
    folder = domains.folder_of(kind) if isinstance(kind, type) else ""
    shipped = presets(name, folder) if folder else {}
    return next((shipped[one] for one in wanted if one in shipped), None)
