"""Whether TiZero, as it is written here, plays as it should: from the kick-off against the engine's own players.

    make grf TIZERO=actor.pt
    python benchmarks/grf.py                       # who scores first, seed by seed
    python benchmarks/grf.py --matches 20 --bot 0.95 --steps 3000

Wanted: it scores first more often than the engine's players do (its authors report that it beats them soundly). Told:
goals for and against, matches without a goal, with the 95 % interval (Wilson) of its share of the decided matches.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scipy.stats import binomtest

from wunderkammer.worlds.grf.client import Referee

HOME = [
    (-0.95, 0.0), (0.0, 0.02), (0.0, -0.02), (-0.42, -0.2), (-0.5, -0.06), (-0.5, 0.06), (-0.42, 0.2), (-0.18, -0.1),
    (-0.27, 0.0), (-0.18, 0.1), (-0.01, -0.22),
]  # fmt: skip
AWAY = [(0.95, 0.0), (0.06, 0.0), *((-x, -y) for x, y in HOME[2:])]


def main() -> None:
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--python", type=Path, default=Path("build/grf/bin/python"))
    read.add_argument("--tizero", type=Path, default=Path("build/grf/tizero.safetensors"))
    read.add_argument("--bot", default="0.95")
    read.add_argument("--matches", type=int, default=10)
    read.add_argument("--steps", type=int, default=3000)
    read.add_argument("--processes", type=int, default=2)
    asked = read.parse_args()
    level = {"left": HOME, "right": AWAY, "ball": (0.0, 0.0)}

    def some(number: int) -> list[int]:
        """Every so-manieth match; TiZero plays left in one, right in the next."""
        found = []
        with Referee(asked.python, asked.tizero) as referee:
            for seed in range(number, asked.matches, asked.processes):
                sides = ("tizero", f"bot-{asked.bot}")[:: 1 if seed % 2 == 0 else -1]
                (match,) = referee.play(level, *sides, [seed], asked.steps)
                value = match["value"] * (1 if seed % 2 == 0 else -1)
                print(json.dumps({"seed": seed, "tizero": value, "steps": match["steps"]}), flush=True)
                found.append(value)
        return found

    with ThreadPoolExecutor(asked.processes) as pool:
        values = [value for part in pool.map(some, range(asked.processes)) for value in part]
    won, lost = values.count(1), values.count(-1)
    told = {"matches": len(values), "scored first": won, "conceded first": lost, "no goal": values.count(0)}
    if won + lost:
        interval = binomtest(won, won + lost).proportion_ci(method="wilson")
        told |= {"share": round(won / (won + lost), 3), "low": round(interval.low, 3), "high": round(interval.high, 3)}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
