"""`wunder study` and `wunder studies`: hypotheses tested by jobs, and the list of what was studied."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wunderkammer import domains
from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import (
    Config,
    DomainOptions,
    Home,
    limits,
    named,
    own_options,
    planned,
    settings_of,
)
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import BudgetSettings, Settings

if TYPE_CHECKING:
    from wunderkammer.core.study import Hypothesis, StudyPlan
    from wunderkammer.memory.ventures import Venture

Settled = Annotated[list[str] | None, typer.Option(help="NAME=VALUE under every hypothesis.", metavar="NAME=VALUE")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(study)
    app.command()(studies)


def study(
    domain: Annotated[str, typer.Argument(help="What to study: `search` means `search-study`.")],
    preset: Annotated[str | None, typer.Option(help="smoke, cpu, gpu, or a TOML file; default: cpu.")] = None,
    pairs: Annotated[int | None, typer.Option(help="Seeds per hypothesis, at first; default: the preset's.")] = None,
    rounds: Annotated[int | None, typer.Option(help="Rounds of questions; 1: no follow-ups.")] = None,
    width: Annotated[int | None, typer.Option(help="Hypotheses that a round tests at most.")] = None,
    seed: Annotated[int | None, typer.Option(help="The first seed of the pairs.")] = None,
    confidence: Annotated[float | None, typer.Option(help="One minus the error that the whole study may make.")] = None,
    vary: Annotated[
        list[str] | None, typer.Option(help="Your own hypothesis: NAME=VALUE of the treatment.", metavar="NAME=VALUE")
    ] = None,
    against: Annotated[
        list[str] | None, typer.Option(help="The same of the control; default: the default.", metavar="NAME=VALUE")
    ] = None,
    given: Settled = None,
    method: Annotated[
        str | None, typer.Option(help="No study: one training by this method, seen through as a job.", metavar="NAME")
    ] = None,
    levels: Annotated[
        str | None, typer.Option(help="A run of maze-levels: train with its elites, against without.", metavar="RUN")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Of calibration: a transformers folder, a GGUF file or a hub name.")
    ] = None,
    own_set: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Of calibration: a set of yours; text, JSONL or OWNER/DATASET.", metavar="NAME=FILE"
        ),
    ] = None,
    measure: Annotated[str | None, typer.Option(help="What is compared; default: the domain's first.")] = None,
    expects: Annotated[str, typer.Option(help="higher, lower or same.")] = "same",
    margin: Annotated[float | None, typer.Option(help="The threshold; default: what matters to the domain.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Stop after so many minutes, jobs and all.")] = None,
    option: DomainOptions = None,
    config: Config = None,
    home: Home = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line per event instead of the bar.")] = False,
) -> None:
    """Test a hypothesis by experiments: the threshold is written down first, then jobs run, then there is a verdict.

    Ctrl-C leaves jobs running; `wunder resume` goes on.

    \b
    wunder study search --preset smoke
    wunder study search-study --vary filter=false --measure self_bleu --expects higher --pairs 12
    wunder study calibration --model org/model-1b --set mine=notes.txt --set german=texts.jsonl
    wunder study paired --preset cpu --method robust-plr --seed 3
    wunder study paired --preset cpu --levels latest --given method=robust-plr
    """
    settings = settings_of(config, home)
    name = full_name(domain)
    changes: dict[str, Any] = {
        "pairs": pairs,
        "rounds": rounds,
        "width": width,
        "seed": seed,
        "confidence": confidence,
        "budget": None if minutes is None else {"seconds": limits(minutes)["seconds"]},
    }
    if model is not None or own_set:
        changes |= _for_a_model(name, model, own_set or [])
    plan = _plan(name, preset, {key: value for key, value in changes.items() if value is not None}, option or [])
    if levels is not None:
        from wunderkammer.apps.cli.training import LEVELS, given_levels

        trained = named(given or [], "--given") | named(vary or [], "--vary")
        vary = [*(vary or []), f"{LEVELS}={given_levels(plan, levels, trained, settings)}"]
        expects, margin = ("higher", 0.0) if (expects, margin) == ("same", None) else (expects, margin)
    if method is not None:
        from wunderkammer.apps.cli.training import train_once

        train_once(plan, method, named([*(given or []), *(vary or [])], "--given"), settings)
        return
    if vary:
        own = _own(plan, vary, against or [], given or [], measure, expects, margin)
        plan = plan.model_copy(update={"asked": (own,), "stated": False, "rounds": rounds or 1})
    elif given:
        plan = plan.model_copy(update={"given": {**plan.given, **dict(named(given, "--given"))}})

    from wunderkammer.apps.inquiry.conduct import new_study

    conduct(new_study(plan, settings), settings, quiet)


def _for_a_model(name: str, model: str | None, own_sets: Sequence[str]) -> dict[str, Any]:
    """`--model` and `--set` as options of the plan: that model is also watched."""
    from wunderkammer.apps.cli import quantising

    if name != quantising.STUDY:
        raise ConfigError(f"--model and --set are of {quantising.STUDY}, not of {name}; see its options: -o NAME=VALUE")
    named = {} if model is None else {"options.model": quantising.given_model(model), "options.look": True}
    return {**named, **({"options.own": quantising.own_sets(own_sets)} if own_sets else {})}


def full_name(domain: str) -> str:
    """`search` stands for `search-study` where there is no domain of that name."""
    known = domains.installed()
    return f"{domain}-study" if domain not in known and f"{domain}-study" in known else domain


def conduct(venture: Venture, settings: Settings, quiet: bool, budget: BudgetSettings = BudgetSettings()) -> None:
    """Go on with a study until it rests, then write its report."""
    from wunderkammer.apps.cli.watching import watching
    from wunderkammer.apps.inquiry.conduct import Inquiry
    from wunderkammer.apps.inquiry.report import write_study
    from wunderkammer.apps.interrupts import cancel_on_interrupt
    from wunderkammer.jobs.choice import dispatcher

    async def go() -> bool:
        with watching(venture, quiet=quiet) as watch:
            inquiry = Inquiry(venture, settings, dispatcher(settings), watch.tell, watch.hear, budget)
            task = asyncio.create_task(inquiry.conduct())
            cancel_on_interrupt(task, watch.say)
            ended = await task
        files = await asyncio.to_thread(write_study, settings, venture.id)
        watch.farewell(ended, files)
        return ended.status != "failed"

    if not asyncio.run(go()):
        raise typer.Exit(2)


def _plan(name: str, preset: str | None, changes: dict[str, Any], options: Sequence[str]) -> StudyPlan:
    from wunderkammer.apps.inquiry.conduct import must_be_studyable
    from wunderkammer.core.study import make_study, read_study

    domains.find(name)  # says which there are
    must_be_studyable(name)
    return planned(name, preset, {**changes, **own_options(options)}, make_study, read_study)


def _own(
    plan: StudyPlan,
    vary: Sequence[str],
    against: Sequence[str],
    given: Sequence[str],
    measure: str | None,
    expects: str,
    margin: float | None,
) -> Hypothesis:
    """The user's hypothesis, checked against the domain before anything is written."""
    from wunderkammer.agents.science.questions import checked, known
    from wunderkammer.apps.inquiry.conduct import studied
    from wunderkammer.core.settings import checked as fitting
    from wunderkammer.core.study import Hypothesis

    domain = studied(plan)
    treatment, control = named(vary, "--vary"), named(against, "--against")
    chosen = measure or next(iter(domain.measures))
    known(domain, [*treatment, *control], chosen)
    defaults = {key: domain.genome.model_fields[key].default for key in treatment}
    values = {
        "domain": plan.domain,
        "treatment": treatment,
        "control": {**defaults, **control},
        "given": {k: v for k, v in plan.given.items() if k not in treatment} | named(given, "--given"),
        "measure": chosen,
        "expects": expects,
        "margin": domain.measures[chosen] if margin is None else margin,
        "source": "user",
    }
    return checked(fitting(Hypothesis, values, "hypothesis"), domain)


def studies(as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """Every study, newest first: how it stands, and what it found.

    \b
    wunder studies
    wunder studies --json
    """
    from wunderkammer.apps.inquiry.report import read_study_report
    from wunderkammer.apps.installation import has_ledger, reading
    from wunderkammer.memory.lock import owned
    from wunderkammer.memory.ventures import all_ventures

    settings = settings_of(config, home)
    rows = []
    if has_ledger(settings):
        with reading(settings) as ledger:
            for venture in all_ventures(ledger, "study"):
                report = read_study_report(ledger, venture)
                words = [finding.verdict for finding in report.findings]
                status = "running" if owned(settings.home, venture.id) else report.status
                counts = (words.count("supported"), words.count("refuted"), words.count("undecided"))
                rows.append((venture.id, venture.domain, status, f"{report.over}/{report.jobs}", *counts))
    columns = ("study", "domain", "status", "jobs", "supported", "refuted", "undecided")
    if as_json:
        screen.emit([dict(zip(columns, row, strict=True)) for row in rows])
    elif not rows:
        typer.echo(f"no studies in {settings.home} yet; begin with: wunder study search --preset smoke")
    else:
        screen.show(screen.table(columns, rows, numbers=columns[3:]))
