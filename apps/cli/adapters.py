"""`wunder adapters`: what was trained, registered, and can be a target."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.listing import Listing
from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.spelling import counted

if TYPE_CHECKING:
    from wunderkammer.core.serving import Adapter

adapters_app = typer.Typer(name="adapters", cls=Listing, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(help="NAME, or NAME@HASH for one version.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(adapters_app)


@adapters_app.callback(invoke_without_command=True)
def list_adapters(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Versions that gave way as well.")] = False,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """LoRA adapters by name: version, rank, base, the job that trained them.

    \b
    wunder adapters
    wunder run rainbow-skills --target embedded#NAME
    wunder run rainbow-safety --target vllm#NAME@HASH
    """
    if context.invoked_subcommand:
        return
    from wunderkammer.jobs.adapters import Registry

    registry = Registry(settings_of(config, home).home)
    current = registry.all()
    found = [one for adapter in current for one in (registry.versions(adapter.name) if every else (adapter,))]
    if as_json:
        screen.emit([_plain(adapter, adapter in current) for adapter in found])
        return
    if not found:
        typer.echo("no adapters yet: `wunder harden` trains and registers them, `wunder adapters add` takes yours")
        return
    columns = ("adapter", "rank", "base", "llama.cpp", "job", "registered")
    rows = [
        (
            adapter.label if adapter in current else f"{adapter.label} (before)",
            adapter.rank,
            adapter.base[:12],
            "yes" if adapter.gguf else "no",
            adapter.job[:12],
            time.strftime("%Y-%m-%d %H:%M", time.localtime(_registered(adapter))),
        )
        for adapter in found
    ]
    screen.show(screen.table(columns, rows, numbers=("rank",)))


@adapters_app.command("show")
def show_adapter(name: Name, as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """All that is known of one adapter, and where its files lie.

    \b
    wunder adapters show polite
    wunder adapters show polite@1a2b3c4d --json
    """
    from wunderkammer.jobs.adapters import Registry

    registry = Registry(settings_of(config, home).home)
    adapter = registry.find(name)
    found = _plain(adapter, adapter in registry.all())
    if as_json:
        screen.emit(found)
    else:
        screen.show(screen.pairs(found.items()))


@adapters_app.command("add")
def add_adapter(
    name: Annotated[str, typer.Argument(help="a-z, 0-9, '.', '_', '-'.")],
    folder: Annotated[Path, typer.Argument(help="What PEFT's save_pretrained wrote.")],
    base: Annotated[
        str, typer.Option(help="What it was trained on: a transformers folder, or the hash of its weights.")
    ],
    gguf: Annotated[Path | None, typer.Option(help="The same for llama.cpp; default: adapter.gguf beside it.")] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Register an adapter that was trained elsewhere. The same weights twice are one version.

    \b
    wunder adapters add polite out/checkpoint-200 --base models/smollm2
    """
    from wunderkammer.jobs.adapters import Registry

    adapter = Registry(settings_of(config, home).home).register(name, folder, base=_base(base), gguf=gguf)
    typer.echo(f"{adapter.label}: rank {adapter.rank}, in {adapter.folder}")


@adapters_app.command("remove")
def remove_adapter(
    name: Annotated[str, typer.Argument(help="NAME; it goes with all its versions.")],
    config: Config = None,
    home: Home = None,
) -> None:
    """Take a name away with every version. A server that has it loaded keeps serving until it ends.

    \b
    wunder adapters remove polite
    """
    from wunderkammer.jobs.adapters import Registry

    count = Registry(settings_of(config, home).home).remove(name)
    typer.echo(f"{name} removed: {counted(count, 'version')}")


def _base(words: str) -> str:
    """The hash of a base, given as such or as its folder."""
    from wunderkammer.core.fingerprint import weights_hash

    if Path(words).is_dir():
        try:
            return weights_hash(Path(words))
        except FileNotFoundError as fault:
            raise ConfigError(str(fault)) from None
    if len(words) >= 12 and not set(words) - set("0123456789abcdef"):
        return words
    raise ConfigError(f"--base {words}: neither a folder here nor the hash of weights (`wunder adapters show` has one)")


def _registered(adapter: Adapter) -> float:
    from wunderkammer.core.adapters import CARD

    return (adapter.folder / CARD).stat().st_mtime


def _plain(adapter: Adapter, current: bool) -> dict[str, object]:
    return {
        "adapter": adapter.label,
        **adapter.model_dump(mode="json"),
        "current": current,
        "registered": _registered(adapter),
    }
