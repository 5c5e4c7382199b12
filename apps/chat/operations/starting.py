"""Starting runs, studies and hardenings as processes of their own, and what each may take at most."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import select

from wunderkammer import domains
from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.agents.guide.tool import Price
from wunderkammer.apps.autonomy.activities import Offer, everything
from wunderkammer.apps.chat.arguments import Harden, Resume, Start, StartEverything, Study
from wunderkammer.apps.chat.errands import Errand, begin, named
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.chat.operations.domains import is_study, presets_of
from wunderkammer.apps.installation import make_domain
from wunderkammer.apps.summary import summary
from wunderkammer.core.contract import Domain
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.plan import ABLATIONS, SearchPlan, make_plan, presets, read_plan
from wunderkammer.core.settings import EMBEDDED
from wunderkammer.core.spelling import instead
from wunderkammer.memory import runs
from wunderkammer.memory.tables import events, hardenings, ventures
from wunderkammer.memory.tables import runs as run_table

CAST = ("target", "judge", "mutator", "classifier")
"""Roles that a search may be started with another model for."""
CALLS_PER_SLOT = 5
"""Guessed where a domain was never run: to rewrite, to answer, to judge a few times."""


async def start_run(office: Office, asked: Start, key: str) -> Sheet:
    """Begin a search; it goes on by itself."""
    plan = _plan(asked)
    given = ("preset", "steps", "batch", "seed", "minutes", "calls", *CAST, "ablate")
    words = ["run", asked.domain, *_options(asked, given)]
    words += [f"--option={name}={json.dumps(value)}" for name, value in asked.options.items()]
    name = await _begin(office, key, words, lambda since: _newest(office, run_table, since))
    return Sheet(
        title=f"run {name} has begun",
        subject=name,
        facts=(("domain", asked.domain), ("steps", plan.steps), ("candidates", plan.steps * plan.batch)),
        text=f"/watch {name[:8]} follows it, /pause {name[:8]} lets it rest",
    )


async def price_of_run(office: Office, asked: Start) -> Price:
    """At most its budget; without one, what runs of this domain took per candidate so far."""
    plan = _plan(asked)
    slots = plan.steps * plan.batch
    rate, seconds = _experience(office, asked.domain)
    budget = plan.budget.over(office.settings.budget)
    guessed = round(slots * (rate or CALLS_PER_SLOT))
    calls = min(budget.calls, guessed) if budget.calls is not None else guessed
    minutes = None if seconds is None else slots * seconds / 60
    if budget.seconds is not None:
        minutes = budget.seconds / 60 if minutes is None else min(minutes, budget.seconds / 60)
    why = "" if budget.calls is not None else f"{slots} candidates, by {'earlier runs' if rate else 'a guess'}"
    foreign = "; ".join(filter(None, (_unknown_server(office, role, getattr(asked, role)) for role in CAST)))
    return Price(calls=calls, minutes=minutes, why="; ".join(filter(None, (why, foreign))), always=bool(foreign))


async def start_everything(office: Office, asked: StartEverything, key: str) -> Sheet:
    """Begin an autonomous run; it goes on by itself."""
    offer = _offer(office, asked)
    words = ["run", *(f"--only={name}" for name in asked.only), *(f"--without={name}" for name in asked.without)]
    words += _options(asked, ("preset", "seed", "minutes", "calls", "money"))
    words += [] if asked.gpu_minutes is None else [f"--gpu-minutes={asked.gpu_minutes}"]
    name = await _begin(office, key, words, lambda since: _newest(office, ventures, since))
    return Sheet(
        title=f"autonomous run {name} has begun",
        subject=name,
        facts=(
            ("may choose", ", ".join(activity.arm for activity in offer.activities)),
            ("left out", "; ".join(offer.left_out) or None),
        ),
        text=f"/watch {name[:8]} follows it, /steer WORDS run={name[:8]} guides it, /pause {name[:8]} lets it rest",
    )


async def price_of_everything(office: Office, asked: StartEverything) -> Price:
    """At most its budget. Fine-tuning, where that is among what it may choose, is always asked for."""
    arms = [activity.arm for activity in _offer(office, asked).activities]
    tunes = any(arm.startswith("harden ") for arm in arms)
    why = f"{len(arms)} activities to choose from" + (", fine-tuning on this machine among them" if tunes else "")
    return Price(calls=asked.calls, minutes=asked.minutes, why=why, always=tunes)


def _offer(office: Office, asked: StartEverything) -> Offer:
    """What it may choose from; a preset that is none is said before anything is started."""
    for name in asked.only if asked.preset else ():
        _shipped(domains.find(name), asked.preset)
    return everything(office.settings, asked.only, asked.without, asked.preset)


async def resume_run(office: Office, asked: Resume, key: str) -> Sheet:
    """Go on with what rests."""
    one = office.find(asked.run)
    if one.status == "running":
        raise ConfigError(f"{one.kind} {one.id} is running already")
    if one.status == "finished":
        raise ConfigError(f"{one.kind} {one.id} is finished; start another one, or fork it")
    before = _latest_event(office, one.id)
    words = ["resume", one.id, *_options(asked, ("minutes", "calls"))]
    await _begin(office, key, words, lambda _: one.id if _moved(office, one.id, before) else "")
    return Sheet(title=f"{one.kind} {one.id} goes on", subject=one.id)


async def price_of_resuming(office: Office, asked: Resume) -> Price:
    """What is left of it."""
    one = office.find(asked.run)
    if one.kind != "run":
        return Price(calls=asked.calls, minutes=asked.minutes)
    run = office.run(one.id)
    done = runs.steps_done(office.ledger, run)
    spent = summary(office.ledger, office.home, run).calls
    slots = max(0, run.plan.steps - done) * run.plan.batch
    rate, seconds = _experience(office, run.domain)
    guessed = round(slots * (rate or CALLS_PER_SLOT))
    limit = asked.calls or run.plan.budget.calls
    calls = guessed if limit is None else min(guessed, max(0, limit - spent))
    return Price(calls=calls, minutes=asked.minutes if seconds is None else slots * seconds / 60)


async def run_study(office: Office, asked: Study, key: str) -> Sheet:
    """Begin a study; it goes on by itself."""
    domain = study_domain(asked.domain)
    _shipped(domain, asked.preset)
    words = ["study", domain.name, *_options(asked, ("preset", "pairs", "rounds", "minutes"))]
    name = await _begin(office, key, words, lambda since: _newest(office, ventures, since))
    return Sheet(title=f"study {name} of {domain.name} has begun", subject=name, text="/jobs shows its jobs")


async def price_of_study(office: Office, asked: Study) -> Price:
    """Its minutes where they were limited; jobs are no model calls of ours."""
    _shipped(study_domain(asked.domain), asked.preset)
    return Price(minutes=asked.minutes, why="jobs on this machine")


async def harden_model(office: Office, asked: Harden, key: str) -> Sheet:
    """Begin a hardening of the target of some runs; it goes on by itself."""
    found = [office.run(name) for name in asked.runs]
    words = ["harden", *(run.id for run in found), *_options(asked, ("preset", "method", "minutes", "calls"))]
    name = await _begin(office, key, words, lambda since: _newest(office, hardenings, since))
    return Sheet(title=f"hardening {name} has begun", subject=name, facts=(("learns from", len(found)),))


async def price_of_hardening(office: Office, asked: Harden) -> Price:
    """Fine-tuning takes what it takes: the user is always asked."""
    for name in asked.runs:
        office.run(name)
    return Price(calls=asked.calls, minutes=asked.minutes, why="fine-tuning on this machine", always=True)


def study_domain(name: str) -> type[Domain[Any]]:
    """The study that a name means: `search` stands for `search-study`."""
    known = domains.installed()
    found = known.get(name) or known.get(f"{name}-study")
    if found is None or not is_study(found):
        studies = (one.name for one in known.values() if is_study(one))
        raise ConfigError(f"there is no study {name!r}{instead(name, studies, '; there is: ')}")
    return found


def _plan(asked: Start) -> SearchPlan:
    """The plan as the command line will make it, so that what is wrong with it is said before anything is started."""
    domain = domains.find(asked.domain)
    if is_study(domain):
        raise ConfigError(f"{asked.domain} is a study: /study {asked.domain}")
    if asked.ablate is not None and asked.ablate not in ABLATIONS:
        raise ConfigError(f"unknown ablation {asked.ablate!r}{instead(asked.ablate, ABLATIONS)}")
    preset = _shipped(domain, asked.preset)
    changes: dict[str, Any] = {
        "steps": asked.steps,
        "batch": asked.batch,
        "seed": asked.seed,
        "budget.calls": asked.calls,
        "budget.seconds": None if asked.minutes is None else asked.minutes * 60,
    }
    wanted: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    wanted |= {f"options.{name}": value for name, value in asked.options.items()}
    if preset is None:
        plan = make_plan({"domain": asked.domain}, where=asked.domain, **wanted)
    else:
        plan = read_plan(presets(domain.name, domains.folder_of(domain))[preset], **wanted)
    make_domain(plan)  # says what is wrong with its options
    return plan


def _shipped(domain: type[Domain[Any]], preset: str | None) -> str | None:
    """A preset that ships with the domain. A file is for the command line: no model names files here."""
    known = presets_of(domain)
    if preset is None:
        return "cpu" if "cpu" in known else None
    if preset not in known:
        raise ConfigError(f"{domain.name} has no preset {preset!r}{instead(preset, known, '; it has: ')}")
    return preset


def _unknown_server(office: Office, role: str, address: str | None) -> str:
    """A word of warning where texts would go to a server that the installation does not know."""
    if address is None:
        return ""
    office.settings.with_role(role, address)  # says what is wrong with it
    place = address.partition("#")[0].rstrip("/")
    urls = {server.url for server in office.settings.servers.values()}
    known = place in office.settings.servers or place in urls or place == EMBEDDED
    return "" if known else f"prompts go to {place}, which wunder.toml does not name"


def _experience(office: Office, domain: str) -> tuple[float | None, float | None]:
    """Calls and seconds per candidate, over the latest runs of a domain; None where there was none."""
    calls, seconds, made = 0, 0.0, 0
    for run in [one for one in runs.all_runs(office.ledger) if one.domain == domain][:5]:
        outline = summary(office.ledger, office.home, run)
        own = outline.steps - run.parent_slots // run.plan.batch
        if own > 0:
            calls, made = calls + outline.calls, made + own * run.plan.batch
            seconds += runs.seconds(office.ledger, run.id)
    return (calls / made, seconds / made) if made else (None, None)


def _options(asked: Any, names: Iterable[str]) -> list[str]:
    """Arguments as options, each in one word with its value: no value can be taken for another option."""
    return [f"--{name}={value}" for name in names if (value := getattr(asked, name)) is not None]


async def _begin(office: Office, key: str, words: list[str], newest: Callable[[float], str]) -> str:
    """Start `wunder WORDS… --quiet`, and return the id of what it is about."""
    since = time.time()
    places = [f"--home={office.home}", *([f"--config={office.config}"] if office.config else [])]
    errand: Errand = begin(office.home, key, [*words, "--quiet", *places])
    return await named(errand, lambda: newest(since))


def _newest(office: Office, table: Any, since: float) -> str:
    """The one row that was added since then; empty where there is none, or several, of which nobody knows whose."""
    rows = office.ledger.rows(select(table.c.id).where(table.c.at >= since).limit(2))
    return str(rows[0].id) if len(rows) == 1 else ""


def _latest_event(office: Office, name: str) -> int:
    rows = office.ledger.rows(select(events.c.seq).where(events.c.run == name).order_by(events.c.seq.desc()).limit(1))
    return int(rows[0].seq) if rows else 0


def _moved(office: Office, name: str, before: int) -> bool:
    """Whether it is at work again, or has been."""
    return office.find(name).status == "running" or _latest_event(office, name) > before
