"""What an autonomous run may do, from what is installed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

from wunderkammer import domains
from wunderkammer.apps.hardening.craft import serves_of, weights_of
from wunderkammer.apps.hardening.plan import PRESETS, make_harden_plan
from wunderkammer.apps.inquiry.conduct import studied, studyable
from wunderkammer.apps.installation import make_domain
from wunderkammer.core.abilities import Awaits, Needs, Quartered, Repairs
from wunderkammer.core.autonomy import ACTIONS, Activity, AutonomousPlan
from wunderkammer.core.contract import Candidate, Evaluates
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.plan import make_plan, presets, read_plan
from wunderkammer.core.settings import EMBEDDED, FILE_NAME, BudgetSettings, Settings, checked
from wunderkammer.core.study import make_study, read_study
from wunderkammer.core.weights import ENVIRONMENT
from wunderkammer.domains import AnyDomain
from wunderkammer.jobs.environments import python_of

SEARCHES = ("cpu", "smoke")
"""Presets that a search is taken from, the first that there is."""
STUDIES = ("slice", "smoke", "cpu")
"""The same of studies: a slice is what one choice may cost."""
OWN_STEPS = 8
"""Of each search that a hardening makes itself: the archive that it holds out, and the attack on what it repaired."""


@dataclass(frozen=True)
class Offer:
    """What an autonomous run is given to choose from."""

    activities: tuple[Activity, ...]
    left_out: tuple[str, ...] = ()
    """Lines that say what cannot be done here, and why."""


def everything(settings: Settings, only: Sequence[str], without: Collection[str], preset: str | None = None) -> Offer:
    """A search of each domain that can be searched, a study of each that can be studied, and a hardening of the target
    by each domain that is searched, where it can be tuned.

    only: names of domains; empty: all. without: domains, or actions such as `study`. preset: of searches, and of
    hardenings where they have one of that name.
    """
    known = domains.installed()
    unknown = [name for name in (*only, *without) if name not in known and name not in ACTIONS]
    unknown += [name for name in settings.autonomous if name not in known]
    if unknown:
        raise domains.unknown(unknown[0], known)
    found: list[Activity] = []
    left_out: dict[str, None] = {}
    for name, kind in known.items():
        if name in without or (only and name not in only):
            continue
        if isinstance(kind, Evaluates) and "search" not in without:
            search = _search(settings, name, kind, preset)
            if why := _lacks(settings, kind) or _awaits(search):
                left_out[f"{name} is not searched: {why}"] = None
                continue
            found.append(search)
            if isinstance(kind, Repairs) and "harden" not in without:
                hardening, why = _hardening(settings, found[-1], preset)
                found += [hardening] if hardening else []
                left_out |= {f"nothing is hardened: {why}": None} if why else {}
        elif name in studyable() and "study" not in without:
            study = _study(settings, name, kind)
            if why := _unworkable(settings, study):
                left_out[f"{name} is not studied: {why}"] = None
            else:
                found.append(study)
    if not found:
        raise ConfigError(f"nothing is left to do: {'; '.join(left_out) or 'name other domains, or leave fewer out'}")
    return Offer(tuple(found), tuple(left_out))


def autonomous_plan(
    activities: Sequence[Activity], seed: int, budget: Mapping[str, Any], gpu_minutes: float | None
) -> AutonomousPlan:
    """The plan; a `ConfigError` names what is wrong with it."""
    limits = checked(BudgetSettings, budget, "budget")
    values = {"activities": tuple(activities), "seed": seed, "budget": limits, "gpu_minutes": gpu_minutes}
    return checked(AutonomousPlan, values, "autonomous run")


def _search(settings: Settings, name: str, kind: AnyDomain | type[AnyDomain], preset: str | None) -> Activity:
    file = _preset(name, kind, (preset, *SEARCHES) if preset else SEARCHES)
    values: dict[str, Any] = {}
    if file is not None:
        values = read_plan(file).model_dump(mode="json", exclude_defaults=True)
    values.pop("budget", None)  # a part has no budget of its own
    return Activity(action="search", subject=name, plan=_told(settings, name, values))


def _told(settings: Settings, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A domain's plan with the options that the user's settings give it on top."""
    options = {**values.get("options", {}), **settings.autonomous.get(name, {})}
    return {**values, "domain": name} | ({"options": options} if options else {})


def _hardening(settings: Settings, search: Activity, preset: str | None) -> tuple[Activity | None, str]:
    """A hardening by what a search finds; or why the target cannot be tuned here."""
    embedded = settings.server(settings.role("target").server).url == EMBEDDED
    named = preset if preset in PRESETS else "slice" if embedded else "gpu"
    plan = make_harden_plan(named, {"search": search.plan})
    try:
        serves_of(settings)
        weights_of(settings, plan)
        python_of(settings, ENVIRONMENT)
    except ConfigError as fault:
        return None, str(fault)
    parts = {part: getattr(plan, part).model_dump(mode="json") for part in ("training", "lessons", "exam")}
    steps = min(plan.search.steps, OWN_STEPS)
    gpus = plan.training.needs.gpus
    return Activity(action="harden", subject=search.subject, plan=parts, steps=steps, gpus=gpus), ""


def _study(settings: Settings, name: str, kind: AnyDomain | type[AnyDomain]) -> Activity:
    file = _preset(name, kind, STUDIES)
    values = {} if file is None else read_study(file).model_dump(mode="json", exclude_defaults=True)
    values.pop("budget", None)
    return Activity(action="study", subject=name, plan=_told(settings, name, values))


def _lacks(settings: Settings, kind: AnyDomain | type[AnyDomain]) -> str:
    """Which packages of a domain are not installed, or which environment is not made; empty: none."""
    if isinstance(kind, Quartered):
        try:
            python_of(settings, kind.environment)
        except ConfigError as fault:
            return str(fault)
    wanted: Sequence[str] = kind.packages if isinstance(kind, Needs) else ()
    missing = [package for package in wanted if find_spec(package) is None]
    return f"{', '.join(missing)} is not installed" if missing else ""


def _awaits(search: Activity) -> str:
    """What a domain should be given before time is spent on it; empty: nothing."""
    domain = make_domain(make_plan(search.plan, where=search.arm))
    why = domain.awaited() if isinstance(domain, Awaits) else ""
    return f"{why}, under [autonomous.{search.subject}] of {FILE_NAME}" if why else ""


def _unworkable(settings: Settings, study: Activity) -> str:
    """Why the jobs of a study cannot run here, by those of its first seed; empty: they can."""
    domain = studied(make_study(study.plan, where=study.arm))
    try:
        candidate: Candidate[Any] = Candidate(domain=study.subject, genome=next(domain.seeds(Random(0))))
        for job in domain.jobs(candidate):
            python_of(settings, job.environment)
    except ConfigError as fault:
        return str(fault)
    return ""


def _preset(name: str, kind: AnyDomain | type[AnyDomain], wanted: Sequence[str]) -> Path | None:
    folder = domains.folder_of(kind) if isinstance(kind, type) else ""
    shipped = presets(name, folder) if folder else {}
    return next((shipped[one] for one in wanted if one in shipped), None)
