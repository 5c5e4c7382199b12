"""`wunder harden`: attack, repair, load, attack again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    Target,
    Tokens,
    limits,
    named,
    plan_of,
    settings_of,
)
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import BudgetSettings, Settings

if TYPE_CHECKING:
    from wunderkammer.memory.hardenings import Hardening

Teacher = Annotated[
    str | None, typer.Option(help="The model that writes safe replies to learn from.", metavar="ADDRESS")
]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(harden)


def harden(
    runs: Annotated[
        list[str] | None, typer.Argument(help="Beginnings of the ids of finished runs to learn from.", metavar="RUN…")
    ] = None,
    held_out: Annotated[
        list[str] | None,
        typer.Option("--held-out", help="A run never to learn from; may be repeated. Default: the last fifth."),
    ] = None,
    attack: Annotated[int, typer.Option(help="Make so many archives first, less those given.", min=0)] = 0,
    domain: Annotated[str | None, typer.Option(help="What to search where no RUN is given.")] = None,
    search: Annotated[
        str | None, typer.Option(help="Preset of the searches where no RUN is given; default: as --preset.")
    ] = None,
    rounds: Annotated[int | None, typer.Option(help="How often to repair and attack again.", min=1)] = None,
    preset: Annotated[str, typer.Option(help="smoke, cpu, gpu, or a TOML file.")] = "cpu",
    method: Annotated[str | None, typer.Option(help="sft: learn right answers. dpo: prefer them.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all randomness that is ours.")] = None,
    weights: Annotated[
        str | None, typer.Option(help="What to tune: a transformers folder, GGUF file or hub name.", metavar="MODEL")
    ] = None,
    target: Target = None,
    teacher: Teacher = None,
    judge: Judge = None,
    mutator: Mutator = None,
    classifier: Classifier = None,
    model: Default = None,
    minutes: Annotated[float | None, typer.Option(help="Begin no further stage after so many minutes.")] = None,
    calls: Calls = None,
    tokens: Tokens = None,
    money: Money = None,
    option: DomainOptions = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE of the plan, as in lessons.most=500.")
    ] = None,
    config: Config = None,
    home: Home = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="One line per stage instead of the live view.")] = False,
) -> None:
    """Repair a target with the archives of its weaknesses, and attack it again.

    Archives → lessons → fine-tuning → adapter, served beside the original → success of held-out attacks before and
    after, success of a fresh search, and what the target is still good for. Ctrl-C rests; `wunder resume ID` goes on.

    \b
    wunder harden 4f1c 81aa 90d2
    wunder harden 4f1c 81aa --held-out 90d2 --rounds 3 --preset gpu --teacher http://host:8001/v1#big
    wunder harden --attack 3 --domain rainbow-skills --preset cpu
    wunder harden 4f1c 81aa --method dpo --set lessons.most=500 --set training.rank=32
    """
    roles = {"target": target, "teacher": teacher, "judge": judge, "mutator": mutator, "classifier": classifier}
    settings = settings_of(config, home)
    values = {
        "attack": attack,
        "rounds": rounds,
        "seed": seed,
        "weights": weights,
        "training.method": method,
        **{f"budget.{name}": limit for name, limit in limits(minutes, calls, tokens, money).items()},
        **named(setting or [], "--set"),
    }
    begun = _begin(
        settings, runs or [], held_out or [], domain, search, preset, values, option or [], {"model": model, **roles}
    )
    _check(*begun)
    conduct(*begun, quiet)


def _begin(
    settings: Settings,
    runs: list[str],
    held_out: list[str],
    domain: str | None,
    search: str | None,
    preset: str,
    values: dict[str, Any],
    option: list[str],
    roles: dict[str, str | None],
) -> tuple[Hardening, Settings]:
    """A hardening that is not begun yet, and the settings that it is begun with."""
    from wunderkammer.apps.hardening.archives import repairable
    from wunderkammer.apps.hardening.course import new_hardening, plan_from_runs
    from wunderkammer.apps.hardening.plan import make_harden_plan
    from wunderkammer.apps.installation import make_domain, reading

    if runs:
        with reading(settings) as ledger:
            plan, seats = plan_from_runs(ledger, runs, held_out, preset, values)
        settings = _cast(settings.with_seats(seats), {**roles, "model": None, "target": None})
        if roles["target"] or roles["model"]:
            raise ConfigError("the target is the one that the runs were made with: leave --target and --model out")
        return new_hardening(plan, settings), settings
    if domain is None or values["attack"] < 2:
        raise ConfigError(
            "name finished runs to learn from (`wunder runs` lists them), "
            "or write --attack 3 --domain rainbow-skills to make them first"
        )
    named = preset if preset in ("smoke", "cpu", "gpu") else None
    found = plan_of(domain, search or named, {}, option)
    repairable(make_domain(found))
    plan = make_harden_plan(preset, {"search": found.model_dump(mode="json"), **values})
    settings = _cast(settings, roles)
    return new_hardening(plan, settings), settings


def _check(hardening: Hardening, settings: Settings) -> None:
    """Raise a `ConfigError`, before anything is begun, where nobody here could train or serve an adapter."""
    from wunderkammer.apps.hardening import craft
    from wunderkammer.apps.hardening.plan import HardenPlan

    craft.craft(settings, HardenPlan.model_validate(hardening.plan), tell=print)


def _cast(settings: Settings, roles: dict[str, str | None]) -> Settings:
    for role, address in roles.items():
        if address:
            settings = settings.with_role("default" if role == "model" else role, address)
    return settings


def conduct(hardening: Hardening, settings: Settings, quiet: bool, budget: BudgetSettings = BudgetSettings()) -> None:
    """Conduct a hardening until it rests, before the user's eyes; exit code 2 where it failed."""
    from langgraph.runtime import RunControl

    from wunderkammer.apps.cli.mending import watching
    from wunderkammer.apps.hardening import craft
    from wunderkammer.apps.hardening.course import Course
    from wunderkammer.apps.hardening.report import write_hardening
    from wunderkammer.apps.interrupts import obey_interrupts

    async def go() -> bool:
        control = RunControl()
        with watching(hardening, settings, quiet=quiet) as watch:
            course = Course(hardening, settings, craft.craft, watch.tell, control, budget)
            task = asyncio.create_task(course.conduct())
            obey_interrupts(control, task, watch.say)
            ended = await task
        files: list[Path] = await asyncio.to_thread(write_hardening, settings, hardening.id)
        watch.farewell(ended, files)
        return ended.status != "failed"

    if not asyncio.run(go()):
        raise typer.Exit(2)
