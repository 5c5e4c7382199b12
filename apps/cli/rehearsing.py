"""`wunder rehearse`: a server that plays a language model, for trying out before it costs anything."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from wunderkammer.models.rehearsal import Script


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(rehearse)


def rehearse(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free one.")] = 8888,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    latency: Annotated[float, typer.Option(min=0, help="Seconds that a reply takes (the median).")] = 0.0,
    sigma: Annotated[
        float, typer.Option(min=0, help="How much that varies: standard deviation of its logarithm.")
    ] = 0.5,
    faults: Annotated[
        str, typer.Option(help="Faults by probability: 429=0.05,500=0.02,reset=0.01", metavar="NAME=SHARE,…")
    ] = "",
    relent: Annotated[
        int | None, typer.Option(min=0, help="Attempts after which a request meets no fault; default: never.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, help="Requests at a time; more are told 429. Default: no limit.")
    ] = None,
    planted: Annotated[
        int | None,
        typer.Option(min=1, max=100, help="Play a target for rainbow-safety with so many weaknesses to find."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Other replies to the same requests.")] = 0,
) -> None:
    """Serve made-up replies as a language model would, to try a set-up before it costs anything. Ctrl-C ends it.

    The same request gets the same reply. Delays and faults are those that you ask for.

    \b
    wunder rehearse --latency 0.05 --faults 429=0.05,500=0.02
    wunder rehearse --planted 12
    """
    from wunderkammer.models.rehearsal import Planted, Script
    from wunderkammer.models.rehearsal.planted import DOMAIN_AXES, ROLES
    from wunderkammer.models.rehearsal.script import read_faults

    player = Planted.scattered(DOMAIN_AXES, planted, seed) if planted else None
    script = Script(
        seed=seed,
        models=("rehearsal", *(ROLES if player else ())),
        latency=latency,
        sigma=sigma,
        concurrency=concurrency,
        faults=read_faults(faults),
        relent=relent,
        player=player,
    )
    asyncio.run(_serve(script, host, port))


async def _serve(script: Script, host: str, port: int) -> None:
    import contextlib
    import signal

    from wunderkammer.models.rehearsal import rehearsal

    done = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers: Ctrl-C ends it there too
            asyncio.get_running_loop().add_signal_handler(number, done.set)
    async with rehearsal(script, host=host, port=port, keep=0) as server:
        print(server.url, flush=True)
        roles = ("mutator", "target", "judge", "classifier")
        names = [f"planted-{role}" if script.player else "rehearsal" for role in roles]
        cast = " ".join(f"--{role} {server.url}#{name}" for role, name in zip(roles, names, strict=True))
        unasked = " -o judged=false" if script.player else ""  # the planted judge compares, and answers nothing else
        print(f"use it with: wunder run rainbow-safety {cast}{unasked}", flush=True)
        await done.wait()
    print(f"{server.load.total} requests were answered")
