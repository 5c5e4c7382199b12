"""How fast models read and write, quantised and as they were, in turns: tokens a second, and over the first model's.

    wunder quantise small --quantiser gptq
    python benchmarks/quantised_speed.py plain=FOLDER gptq=small --engine torch
    VLLM_TARGET_DEVICE=cpu python benchmarks/quantised_speed.py plain=FOLDER gptq=small --engine vllm

The first `python` is that of `wunder setup quantise`, the second one that has vLLM (`deploy/vllm-cpu.sh`). Intervals
are from the slowest call to the fastest; both engines take as many threads as they are given.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from wunderkammer.jobs.quantise.speed import ENGINES, Asked, in_turns, machine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "models", nargs="+", metavar="NAME=FOLDER", help="The first is what the others are held against."
    )
    parser.add_argument("--engine", choices=list(ENGINES), default="torch")
    parser.add_argument("--rows", type=int, default=4, help="Prompts at once.")
    parser.add_argument("--tokens", type=int, default=512, help="Of each prompt.")
    parser.add_argument("--new", type=int, default=64, help="Tokens written after each.")
    parser.add_argument("--times", type=int, default=3, help="Calls a turn.")
    parser.add_argument("--rounds", type=int, default=3, help="Turns of each model.")
    parser.add_argument("--json", type=Path, help="Where everything goes that was measured.")
    told = parser.parse_args()
    folders = {name: Path(folder).resolve() for name, _, folder in (one.partition("=") for one in told.models)}
    asked = Asked(told.rows, told.tokens, told.new, told.times)
    found = in_turns(
        folders, asked, told.engine, told.rounds, lambda at, of, name: print(f"{at}/{of} {name}", flush=True)
    )
    if told.json:
        told.json.write_text(json.dumps({**machine(told.engine), "models": found}, indent=1), "utf-8")
    first = next(iter(found.values()))
    for kind in ("reads", "writes"):
        print(f"\n{kind}, tokens a second")
        for name, one in found.items():
            rates, middle = one[f"{kind}_per_s"], one[f"{kind}_per_s_median"]
            share = middle / first[f"{kind}_per_s_median"]
            print(
                f"{name:>12} {one['mib']:8.1f} MiB {middle:10.1f} [{min(rates):.1f}, {max(rates):.1f}] {share:6.2f} x"
            )


if __name__ == "__main__":
    main()
