"""The search beside RainbowPlus, the open implementation that is nearest to it, against one rehearsal server at 50 ms.

    python -m venv PEER && PEER/bin/pip install openai nltk pydantic pyyaml numpy
    python benchmarks/peer.py --source CLONE_OF_RAINBOWPLUS --python PEER/bin/python

Three ratios are told, because the two loops do not do the same. An *iteration* of RainbowPlus mutates one prompt into
five children (its default), queries the target with each and scores each: 15 calls, one after the other. A *slot* of
ours is one child: two mutations, the target, the classifier and, where its cell is held, four votes of a judge. So:
slots a second over iterations a second; children over children; calls over calls.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

from bare_client import reset, stats
from rich.console import Console
from rich.table import Table
from throughput import search, server

from wunderkammer.core.plan import SearchPlan

DRIVER = Path(__file__).with_name("peer_loop.py")


def theirs(python: Path, source: Path, url: str, iterations: int, mutations: int) -> dict[str, float]:
    """Iterations, children and calls a second of the peer."""
    reset(url)
    command = [python, DRIVER, source, url, "--iterations", str(iterations), "--mutations", str(mutations)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seen: dict[str, float] = json.loads(told)
    rate = seen["iterations"] / seen["seconds"]
    calls = stats(url)["total"] / (iterations + 1)  # one iteration went before the clock
    return {"iterations/s": rate, "children/s": rate * mutations, "calls/s": rate * calls}


def ours(url: str, plan: SearchPlan) -> dict[str, float]:
    """Slots and calls a second of ours, start and end of the run included."""
    row = asyncio.run(search(url, plan))
    return {"iterations/s": row["slots/s"], "children/s": row["slots/s"], "calls/s": row["calls/s"]}


def compare(options: argparse.Namespace) -> list[dict[str, Any]]:
    """Both, taking turns."""
    plan = SearchPlan(domain="rainbow-safety", steps=options.steps, batch=32, lag=4)
    rows = []
    with server(0.05) as url:
        asyncio.run(search(url, plan.model_copy(update={"steps": 1})))
        for number in range(options.rounds):
            peer = theirs(options.python, options.source, url, options.iterations, options.mutations)
            rows.append({"round": number, "peer": peer, "ours": ours(url, plan)})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, help="a clone of RainbowPlus; without it nothing is measured")
    parser.add_argument("--python", type=Path, help="an interpreter that has its needs")
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--mutations", type=int, default=5, help="children per iteration; five are its default")
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.source is None or options.python is None:
        print("left out: it needs --source and --python; see the head of this file")
        return
    rows = compare(options)
    table = Table("", "RainbowPlus", "ours", "ratio, median of rounds")
    for what in ("iterations/s", "children/s", "calls/s"):
        peer, mine = (median(row[who][what] for row in rows) for who in ("peer", "ours"))
        ratio = median(row["ours"][what] / row["peer"][what] for row in rows)
        table.add_row(what, f"{peer:.2f}", f"{mine:.1f}", f"{ratio:.1f}")
    Console().print(table)
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
