"""`wunder run`, `resume`, `fork` and `steer`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wunderkammer.apps.cli.options import (
    Calls,
    Classifier,
    Config,
    Default,
    DomainOptions,
    Home,
    Judge,
    Money,
    Mutator,
    RunId,
    Target,
    Tokens,
    ablation,
    limits,
    own_options,
    plan_of,
    settings_of,
)
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.plan import ABLATIONS, make_plan
from wunderkammer.core.settings import ROLES, BudgetSettings, Settings, checked, public

if TYPE_CHECKING:
    from wunderkammer.memory.runs import Run

Minutes = Annotated[float | None, typer.Option(help="Stop after so many minutes.")]
Picture = Annotated[Path | None, typer.Option(help="Save the last view of the run as an SVG.", metavar="FILE")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="One line per step instead of the live view.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(run)
    app.command()(resume)
    app.command()(fork)
    app.command()(steer)


def run(
    domain: Annotated[
        str | None, typer.Argument(help="What to explore: `wunder domains` lists it; default: everything, in turns.")
    ] = None,
    preset: Annotated[str | None, typer.Option(help="smoke, cpu, gpu, or a TOML file; default: cpu.")] = None,
    target: Target = None,
    judge: Judge = None,
    mutator: Mutator = None,
    classifier: Classifier = None,
    model: Default = None,
    steps: Annotated[int | None, typer.Option(help="How many steps; default: the preset's.", min=1)] = None,
    batch: Annotated[
        int | None, typer.Option(help="Attempts at a candidate in each step; default: the preset's.", min=1)
    ] = None,
    lag: Annotated[
        int | None, typer.Option(help="Steps at work beside the one in hand; 0: one after the other.", min=0)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="The same seed and the same replies make the same run; default: the preset's.")
    ] = None,
    minutes: Minutes = None,
    calls: Calls = None,
    tokens: Tokens = None,
    money: Money = None,
    ablate: Annotated[
        str | None, typer.Option(help=f"Switch part of the method off, to compare: {', '.join(ABLATIONS)}.")
    ] = None,
    option: DomainOptions = None,
    config: Config = None,
    home: Home = None,
    picture: Picture = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Without a domain: only this one. May be repeated.", metavar="NAME")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Without a domain: not this one, nor `study` or `harden`. May be repeated.", metavar="NAME"),
    ] = None,
    gpu_minutes: Annotated[
        float | None, typer.Option(help="Without a domain: minutes of GPU that its jobs may take.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Search a domain; without one, explore everything that is installed within a budget. `wunder resume` goes on.

    Ctrl-C lets it come to rest.

    \b
    wunder run --minutes 60
    wunder run rainbow-skills --preset cpu
    wunder run rainbow-safety --target http://host:8000/v1#llama-3-8b --judge http://host:8001/v1#qwen
    wunder run rainbow-skills --minutes 10 --ablate no-stepping-stones --seed 3
    """
    roles = {"default": model, "target": target, "judge": judge, "mutator": mutator, "classifier": classifier}
    settings = settings_of(config, home, roles)
    budget = limits(minutes, calls, tokens, money)
    if domain is None:
        from wunderkammer.apps.cli import wandering

        refuse = {"--steps": steps, "--batch": batch, "--lag": lag, "--ablate": ablate, "-o": option}
        _needs_domain(refuse)
        wandering.begin(
            settings,
            only=only or [],
            without=without or [],
            preset=preset,
            seed=seed,
            budget=budget,
            gpu_minutes=gpu_minutes,
            quiet=quiet,
        )
        return
    changes = {
        "steps": steps,
        "batch": batch,
        "lag": lag,
        "seed": seed,
        "ablations": ablation(ablate),
        **{f"budget.{name}": limit for name, limit in budget.items()},
    }
    plan = plan_of(domain, preset, changes, option or [])

    from wunderkammer.apps.expedition import new_run

    _conduct(new_run(plan, settings), settings, quiet, picture=picture)


def _needs_domain(given: Mapping[str, object]) -> None:
    """Refuse what means nothing without a domain; better said than passed over."""
    for name, value in given.items():
        if value is not None:
            raise ConfigError(f"{name} needs a domain: wunder run DOMAIN {name} …; without one, presets decide")


def resume(
    run: RunId = "latest",
    target: Target = None,
    judge: Judge = None,
    mutator: Mutator = None,
    classifier: Classifier = None,
    model: Default = None,
    minutes: Minutes = None,
    calls: Calls = None,
    tokens: Tokens = None,
    money: Money = None,
    config: Config = None,
    home: Home = None,
    quiet: Quiet = False,
) -> None:
    """Go on with whatever rested, was stopped or was killed: a run, a hardening, a study. Nothing is done twice.

    Limits count what the run has used before: one that hit its 1,000 calls goes on with `--calls 2000`.

    \b
    wunder resume
    wunder resume 4f1c --minutes 20
    wunder resume 4f1c --target http://host:8001/v1#llama-3-8b
    wunder resume h81c
    """
    from wunderkammer.apps.cli import hardening
    from wunderkammer.apps.installation import ledger_address
    from wunderkammer.memory.hardenings import Hardening
    from wunderkammer.memory.ledger import opened
    from wunderkammer.memory.undertakings import find_undertaking
    from wunderkammer.memory.ventures import Venture

    roles = {"target": target, "judge": judge, "mutator": mutator, "classifier": classifier}
    settings = settings_of(config, home)
    with opened(ledger_address(settings)) as ledger:
        found = find_undertaking(ledger, run)
    settings = settings.with_seats(found.roles)
    settings = settings.with_all_roles(model) if model else settings
    for role, address in roles.items():
        settings = settings.with_role(role, address) if address else settings
    budget = checked(BudgetSettings, limits(minutes, calls, tokens, money), "resume")
    if isinstance(found, Venture):
        from wunderkammer.apps.cli import studying, wandering

        go_on = wandering.conduct if found.kind == "autonomous" else studying.conduct
        go_on(found, settings, quiet, budget)
    elif isinstance(found, Hardening):
        hardening.conduct(found, settings, quiet, budget)
    else:
        _conduct(found, settings, quiet, budget)


def fork(
    run: RunId = "latest",
    step: Annotated[int | None, typer.Option("--at", help="Step to branch off at; default: the last.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed for the branch; default: the same.")] = None,
    steps: Annotated[
        int | None, typer.Option(help="Steps in all, those before the branch included; default: as before.", min=1)
    ] = None,
    ablate: Annotated[
        str | None, typer.Option(help=f"Switch part of the method off from here: {', '.join(ABLATIONS)}.")
    ] = None,
    option: DomainOptions = None,
    config: Config = None,
    home: Home = None,
    quiet: Quiet = False,
) -> None:
    """Branch off an earlier step of a run: a new run that shares its history up to there.

    \b
    wunder fork --at 20 --seed 7
    wunder fork 4f1c --at 20 --ablate no-filter
    """
    from wunderkammer.apps.expedition import new_run
    from wunderkammer.apps.installation import ledger_address
    from wunderkammer.memory.ledger import opened
    from wunderkammer.memory.runs import find_run, steps_done

    settings = settings_of(config, home)
    with opened(ledger_address(settings)) as ledger:
        parent = find_run(ledger, run)
        done = steps_done(ledger, parent)
    at = done if step is None else step
    if not 0 <= at <= done:
        raise ConfigError(f"run {parent.id} has done {done} steps; branch off at 0 to {done}")
    changes = {"seed": seed, "steps": steps, "ablations": ablation(ablate)}
    wanted = {**{key: value for key, value in changes.items() if value is not None}, **own_options(option or [])}
    plan = make_plan(parent.plan.model_dump(mode="json"), where=f"fork of {parent.id}", **wanted)
    settings = settings.with_seats(parent.roles)
    _conduct(new_run(plan, settings, parent=parent, slots=at * plan.batch), settings, quiet)


def steer(
    message: Annotated[str, typer.Argument(help="focus VALUE, avoid VALUE, forget, pause, stop, or words.")],
    run: Annotated[str, typer.Option(help="Beginning of a run's id.")] = "latest",
    config: Config = None,
    home: Home = None,
) -> None:
    """Tell a running search where to look; it obeys when it lays out its next step.

    \b
    wunder steer "focus arithmetic, slang"
    wunder steer "avoid dates" --run 4f1c
    wunder steer "try questions about cooking"
    """
    from wunderkammer.agents.steering import Steering, obey
    from wunderkammer.apps.installation import ledger_address, make_domain
    from wunderkammer.memory import inbox
    from wunderkammer.memory.ledger import opened
    from wunderkammer.memory.lock import owned
    from wunderkammer.memory.runs import Run, statuses
    from wunderkammer.memory.undertakings import find_undertaking

    settings = settings_of(config, home)
    with opened(ledger_address(settings)) as ledger:
        found = find_undertaking(ledger, run)
        running = owned(settings.home, found.id)
        if not running and statuses(ledger, [found.id]).get(found.id) == "finished":
            raise ConfigError(f"run {found.id} is finished and will not hear it; `wunder fork {found.id}` branches off")
        inbox.post(ledger, found.id, message)
    when = "at its next step" if running else f"when it goes on: wunder resume {found.id}"
    effect = obey(Steering(), message, make_domain(found.plan).axes)[1] if isinstance(found, Run) else ""
    typer.echo(f"run {found.id} will hear it {when}" + (f"\n  {effect}" if effect else ""))


def _conduct(
    run: Run, settings: Settings, quiet: bool, budget: BudgetSettings = BudgetSettings(), picture: Path | None = None
) -> None:
    from wunderkammer.apps.cli.live import watching

    async def go() -> bool:
        from langgraph.runtime import RunControl

        from wunderkammer.apps.expedition import Expedition
        from wunderkammer.apps.interrupts import obey_interrupts
        from wunderkammer.apps.report.files import write_report
        from wunderkammer.models.presence import absent

        control = RunControl()
        with watching(run, settings, quiet=quiet) as watch:
            for url in await absent(settings, ROLES):
                watch.say(f"{public(url)}: nobody answers there yet; trying on")
            task = asyncio.create_task(Expedition(run, settings, watch.tell, control, budget).conduct())
            obey_interrupts(control, task, watch.say)
            ended = await task
        files = await asyncio.to_thread(write_report, settings, run.id)
        watch.farewell(ended, [*files, watch.picture(picture)] if picture else files)
        return ended.status != "failed"

    if not asyncio.run(go()):
        raise typer.Exit(2)
