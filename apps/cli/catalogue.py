"""`wunder domains`: what there is to explore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.listing import Listing
from wunderkammer.apps.cli.screen import Json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wunderkammer.core.contract import Domain, Frozen

app = typer.Typer(name="domains", cls=Listing, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def list_domains(context: typer.Context, as_json: Json = False) -> None:
    """What there is to explore.

    \b
    wunder domains
    wunder domains show rainbow-safety
    """
    if context.invoked_subcommand:
        return
    from wunderkammer import domains

    found = [_outline(domain) for domain in domains.installed().values()]
    if as_json:
        screen.emit(found)
        return
    rows = [(one["name"], one["kind"], _grid(one["axes"]), ", ".join(one["presets"]), one["title"]) for one in found]
    screen.show(screen.table(("name", "kind", "cells", "presets", "title"), rows))
    typer.echo("wunder domains show NAME tells more; wunder run NAME searches it, wunder study NAME studies a …-study")


@app.command("show")
def show_domain(
    name: Annotated[str, typer.Argument(help="As `wunder domains` lists it.")], as_json: Json = False
) -> None:
    """The axes of a domain with all their values, its options, its genome, its presets.

    \b
    wunder domains show rainbow-questions
    wunder domains show rainbow-safety --json | jq .axes
    """
    from wunderkammer import domains

    domain = domains.find(name)
    if as_json:
        schemas = {"options": domain.options.model_json_schema(), "genome": domain.genome.model_json_schema()}
        screen.emit({**_outline(domain), "axes": domain.axes, **schemas})
        return
    outline = _outline(domain)
    presets = ", ".join(outline["presets"]) or "none"
    screen.show(
        screen.pairs([("name", domain.name), ("kind", domain.kind), ("title", domain.title), ("presets", presets)]),
        screen.table(("axis", "values"), [(axis, ", ".join(values)) for axis, values in domain.axes.items()]),
        _fields("option", domain.options),
        _fields("genome", domain.genome),
    )


def _outline(domain: type[Domain[Any]]) -> dict[str, Any]:
    from wunderkammer import domains
    from wunderkammer.core.plan import presets

    folder = domains.folder_of(domain)
    return {
        "name": domain.name,
        "kind": domain.kind,
        "title": domain.title,
        "axes": {axis: len(values) for axis, values in domain.axes.items()},
        "presets": list(presets(domain.name, folder)) if folder else [],
    }


def _grid(axes: dict[str, int]) -> str:
    return " × ".join(f"{size} {axis}" for axis, size in axes.items()) or "none"


def _fields(what: str, model: type[Frozen]) -> RenderableType:
    from wunderkammer.apps.cli.fields import cards

    rows = [(card.name, card.type, card.default, card.meaning) for card in cards(model)]
    return screen.table((what, "type", "default", "meaning"), rows)
