"""The rehearsal server as a program: prints one JSON line with its address, then serves until it is not needed."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import stat
import sys
from typing import cast

from wunderkammer.core.errors import WunderError
from wunderkammer.models.rehearsal import rehearsal
from wunderkammer.models.rehearsal.planted import DOMAIN_AXES, ROLES, Planted
from wunderkammer.models.rehearsal.script import ABILITIES, Ability, Script, read_faults


def main() -> int:
    """Exit code 0 after SIGTERM, SIGINT or the end of stdin; 2 with one line where the arguments are wrong."""
    options = _parser().parse_args()
    try:
        asyncio.run(_serve(_script(options), options.host, options.port))
    except WunderError as fault:
        print(fault, file=sys.stderr)
        return fault.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wunderkammer.models.rehearsal", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0, help="0: a free one")
    add("--latency", type=float, default=0.0, help="median seconds of a reply")
    add("--sigma", type=float, default=0.5, help="standard deviation of the logarithm of the latency")
    add("--concurrency", type=int, help="requests in flight beyond this are answered 429")
    add("--retry-after", type=float, default=1.0, help="seconds in the Retry-After of a 429")
    add("--faults", default="", help="429=0.05,500=0.02,reset=0.01,…")
    add("--relent", type=int, help="attempts after which a request meets no more faults")
    add("--lacks", nargs="*", default=[], choices=ABILITIES, help="abilities refused with a 400")
    add("--ignores", nargs="*", default=[], choices=ABILITIES, help="abilities silently left out")
    add("--model", nargs="*", default=["rehearsal"], help="names that /v1/models lists")
    add("--strict", action="store_true", help="answer 404 to a model that is not listed")
    add(
        "--planted",
        type=int,
        metavar="COUNT",
        help="play a search with so many weaknesses (10 risks × 10 styles)",
    )
    add("--seed", type=int, default=0)
    return parser


def _script(options: argparse.Namespace) -> Script:
    player = None if options.planted is None else Planted.scattered(DOMAIN_AXES, options.planted, options.seed)
    return Script(
        seed=options.seed,
        models=(*options.model, *(ROLES if player else ())),
        strict=options.strict,
        latency=options.latency,
        sigma=options.sigma,
        concurrency=options.concurrency,
        retry_after=options.retry_after,
        faults=read_faults(options.faults),
        relent=options.relent,
        lacks=cast(frozenset[Ability], frozenset(options.lacks)),
        ignores=cast(frozenset[Ability], frozenset(options.ignores)),
        player=player,
    )


async def _serve(script: Script, host: str, port: int) -> None:
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)
    async with rehearsal(script, host=host, port=port, keep=0) as server:
        if _is_pipe(0):
            loop.add_reader(0, lambda: done.set() if not os.read(0, 4096) else None)
        print(json.dumps({"url": server.url}), flush=True)
        await done.wait()


def _is_pipe(descriptor: int) -> bool:
    """Whether somebody holds the other end: a terminal or a null device says nothing about a parent."""
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


if __name__ == "__main__":
    sys.exit(main())
