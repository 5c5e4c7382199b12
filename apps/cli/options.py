"""Options that several commands share, and what they come to: settings and plans."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import typer

from wunderkammer import domains
from wunderkammer.core.contract import Domain, Trains
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.plan import ABLATIONS, SearchPlan, make_plan, presets, read_plan
from wunderkammer.core.settings import Settings, checked, load
from wunderkammer.core.spelling import instead, nearest

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The wunder.toml to use; default: the nearest one, here or in a folder above."),
]
Home = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of ledger, vectors and reports; default: .wunder beside wunder.toml, or here."),
]
RunId = Annotated[str, typer.Argument(help="Beginning of a run's id; default: the latest.", metavar="RUN")]
Where = "http://host:8000/v1#MODEL, SERVER#MODEL of wunder.toml, or embedded"
Target = Annotated[str | None, typer.Option(help=f"The model that is tested: {Where}.", metavar="ADDRESS")]
Judge = Annotated[str | None, typer.Option(help="The model that compares two replies.", metavar="ADDRESS")]
Mutator = Annotated[str | None, typer.Option(help="The model that rewrites candidates.", metavar="ADDRESS")]
Classifier = Annotated[
    str | None, typer.Option(help="The model that says how likely a reply is unsafe.", metavar="ADDRESS")
]
Calls = Annotated[int | None, typer.Option(help="Stop after so many model calls.")]
Tokens = Annotated[int | None, typer.Option(help="Stop after so many tokens, asked and answered.")]
Money = Annotated[float | None, typer.Option(help="Stop after so much money, by [prices] in wunder.toml.")]
Default = Annotated[
    str | None, typer.Option("--model", help="The model for every role that is not named.", metavar="ADDRESS")
]
DomainOptions = Annotated[
    list[str] | None,
    typer.Option(
        "--option",
        "-o",
        help="A setting of the domain; `wunder domains show DOMAIN` lists them. May be repeated.",
        metavar="NAME=VALUE",
    ),
]


def settings_of(config: Path | None, home: Path | None, roles: Mapping[str, str | None] | None = None) -> Settings:
    """Settings from file and environment, with what the command line says on top."""
    settings = load(config, **({"home": home.resolve()} if home else {}))
    for role, address in (roles or {}).items():
        if address:
            settings = settings.with_role(role, address)
    return settings


def plan_of(domain: str, preset: str | None, changes: Mapping[str, Any], options: Sequence[str]) -> SearchPlan:
    """The plan of a domain: its preset (a shipped name, or a TOML file), then single changes, then domain options."""
    if issubclass(domains.find(domain), Trains):
        raise ConfigError(f"{domain} is studied, not searched: wunder study {domain}; its presets are those of a study")
    wanted = {**{key: value for key, value in changes.items() if value is not None}, **own_options(options)}
    return planned(domain, preset, wanted, make_plan, read_plan)


class OfDomain(Protocol):
    """A plan."""

    @property
    def domain(self) -> str: ...

    @property
    def options(self) -> Mapping[str, Any]: ...


P = TypeVar("P", bound=OfDomain)


def planned(
    domain: str, preset: str | None, wanted: Mapping[str, Any], make: Callable[..., P], read: Callable[..., P]
) -> P:
    """A plan of a search or a study: its preset (a shipped name, or a TOML file; default: `cpu` where that ships), with
    what is wanted on top. make, read: of plain values, of a file."""
    kind = domains.find(domain)
    shipped = presets(domain, domains.folder_of(kind)) if domains.folder_of(kind) else {}
    preset = preset or ("cpu" if "cpu" in shipped else None)
    if preset is None:
        plan = make({"domain": domain}, where=domain, **wanted)
    elif preset not in shipped and not preset.endswith(".toml"):
        raise ConfigError(f"{domain} has no preset {preset!r}{instead(preset, [*shipped, 'FILE.toml'], '; it has: ')}")
    else:
        plan = read(shipped.get(preset, Path(preset)), **wanted)
    if plan.domain != domain:
        raise ConfigError(f"{preset} is a preset of {plan.domain}, not of {domain}")
    _fit(kind, plan.options)
    return plan


def _fit(kind: type[Domain[Any]], options: Mapping[str, Any]) -> None:
    """Refuse what is no option of the domain, or no value of one, before a run of it is begun."""
    for name in options:
        if name not in kind.options.model_fields:
            meant = "".join(f", did you mean {near}?" for near in nearest(name, kind.options.model_fields)[:1])
            raise ConfigError(
                f"{kind.name} has no option {name!r}{meant or ';'} `wunder domains show {kind.name}` lists them"
            )
    checked(kind.options, options, f"options of {kind.name}")


def limits(
    minutes: float | None, calls: int | None = None, tokens: int | None = None, money: float | None = None
) -> dict[str, Any]:
    """The fields of `BudgetSettings` as the command line has them, None where it says nothing."""
    for name, value in (("--minutes", minutes), ("--calls", calls), ("--tokens", tokens), ("--money", money)):
        if value is not None and not value > 0:
            raise ConfigError(f"{name} {value:g}: a limit is more than 0; leave it out for no limit")
    return {"seconds": None if minutes is None else minutes * 60, "calls": calls, "tokens": tokens, "money": money}


def ablation(name: str | None) -> dict[str, Any] | None:
    """The ablation of this name, as plain values."""
    if name is None:
        return None
    if name not in ABLATIONS:
        raise ConfigError(f"unknown ablation {name!r}{instead(name, ABLATIONS)}")
    return ABLATIONS[name].model_dump()


def own_options(options: Sequence[str]) -> dict[str, Any]:
    """`-o NAME=VALUE` as changes of a plan; values are read as JSON where they are JSON."""
    return {f"options.{key}": value for key, value in named(options, "-o").items()}


def named(texts: Sequence[str], option: str) -> dict[str, Any]:
    """`NAME=VALUE` by name, as a repeated option has them; values are read as JSON where they are JSON."""
    found: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"{option} {text!r}: write NAME=VALUE")
        try:
            found[key.strip()] = json.loads(value)
        except ValueError:
            found[key.strip()] = value
    return found
