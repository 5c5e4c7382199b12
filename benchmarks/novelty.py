"""What novelty costs: exact neighbours beside a plain numpy product, and storing a batch.

    python benchmarks/novelty.py                     # 10,000 stored, 1,000 queries; storing 64 at 10,000
    python benchmarks/novelty.py --stored 100000     # storing 64 at 100,000: minutes to fill the store first
    python benchmarks/novelty.py --stored 100000 --memory    # the same, with those 100,000 in memory and not in Chroma

Vectors are random directions of 384 dimensions, the hardest case for an index and no matter for a product. Storing is
what a run waits for: measuring the novelty of 64 candidates in their domain and across two, and adding them to the
memory. Chroma has them later; how long it takes is told beside it, since it takes the same cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from wunderkammer.core.settings import Settings
from wunderkammer.memory.embedders import Floats
from wunderkammer.memory.neighbours import Neighbours
from wunderkammer.memory.vectors import Vectors

DIMENSION, BATCH = 384, 64
CLOCK = time.perf_counter


class Unasked:
    """An embedder whose vectors are brought along."""

    name = "random"
    dimension = DIMENSION

    def embed(self, texts: object) -> Floats:
        raise AssertionError("nothing is embedded here")


def directions(rng: np.random.Generator, count: int) -> Floats:
    """Random unit vectors."""
    rows = rng.standard_normal((count, DIMENSION), dtype=np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def queries(held: int, asked: int, rounds: int) -> dict[str, float]:
    """Seconds for `asked` queries top-10 among `held`, ours and a plain product with `argpartition`, taking turns."""
    rng = np.random.default_rng(0)
    rows, questions = directions(rng, held), directions(rng, asked)
    near = Neighbours(DIMENSION)
    near.add([str(i) for i in range(held)], rows, ["one"] * held)
    mine, plain = [], []
    for _ in range(rounds):
        began = CLOCK()
        _, ids = near.nearest(questions, 10)
        mine.append(CLOCK() - began)
        began = CLOCK()
        likeness = questions @ rows.T
        best = np.argpartition(likeness, -10, axis=1)[:, -10:]
        plain.append(CLOCK() - began)
        assert all(set(names) == {str(i) for i in row} for names, row in zip(ids, best, strict=True))
    return {"held": held, "queries": asked, "ours_s": median(mine), "numpy_s": median(plain),
            "ratio": median(b / a for a, b in zip(mine, plain, strict=True))}  # fmt: skip


async def storing(held: int, rounds: int, *, memory: bool) -> dict[str, float]:
    """Milliseconds to measure and store a batch with `held` vectors stored already, half in either of two domains."""
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        vectors = await Vectors.open(Settings(home=Path(folder)), Unasked())
        for start in range(0, held, 2_000):
            names = [f"{i}" for i in range(start, start + 2_000)]
            groups = ["ab"[int(name) % 2] for name in names]
            if memory:
                vectors._near.add(names, directions(rng, 2_000), groups)
            else:
                await vectors.add(names, directions(rng, 2_000), [{"domain": group} for group in groups])
        await vectors.settle()
        measured, added, settled, products = [], [], [], []
        for number in range(rounds):
            rows, names = directions(rng, BATCH), [f"{number}-{i}" for i in range(BATCH)]
            began = CLOCK()
            vectors.measure(names, rows, ["a"] * BATCH)
            measured.append(CLOCK() - began)
            began = CLOCK()
            await vectors.add(names, rows, [{"domain": "a"}] * BATCH)
            added.append(CLOCK() - began)
            began = CLOCK()
            await vectors.settle()
            settled.append(CLOCK() - began)
            everything = vectors._near._groups["a"].rows
            began = CLOCK()
            _ = rows @ everything[: held // 2].T
            products.append(2 * (CLOCK() - began))
        await vectors.close()
    together = [a + b for a, b in zip(measured, added, strict=True)]
    figures = {"together": together, "measuring": measured, "adding": added, "bare product": products,
               "Chroma, behind": settled}  # fmt: skip
    return {"held": held, **{name: 1000 * median(values) for name, values in figures.items()},
            "slowest": 1000 * max(together)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stored", type=int, default=10_000)
    parser.add_argument("--memory", action="store_true", help="fill the memory alone; Chroma begins empty")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--cpu", action="store_true", help="seconds of CPU, where the machine has other work")
    options = parser.parse_args()
    if options.cpu:
        globals()["CLOCK"] = time.process_time
    found = {
        "queries": queries(10_000, 1_000, options.rounds),
        "storing_ms": asyncio.run(storing(options.stored, options.rounds, memory=options.memory)),
    }
    print(json.dumps({name: {k: round(v, 4) for k, v in row.items()} for name, row in found.items()}, indent=1))


if __name__ == "__main__":
    main()
