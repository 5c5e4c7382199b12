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
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from wunderkammer.core.settings import Settings
from wunderkammer.memory.embedders import Floats
from wunderkammer.memory.neighbours import Neighbours
from wunderkammer.memory.vectors import Vectors

DIMENSION, BATCH = 384, 64
Seconds = list[Floats]


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


def clock() -> Floats:
    """Seconds by the clock and of CPU: of a machine with other work, the latter say more."""
    return np.array([time.perf_counter(), time.process_time()])


def queries(held: int, asked: int, rounds: int) -> dict[str, Seconds]:
    """`asked` queries top-10 among `held`, ours and a plain product with `argpartition`, taking turns."""
    rng = np.random.default_rng(0)
    rows, questions = directions(rng, held), directions(rng, asked)
    near = Neighbours(DIMENSION)
    near.add([str(i) for i in range(held)], rows, ["one"] * held)
    mine, plain = [], []
    for _ in range(rounds):
        began = clock()
        _, ids = near.nearest(questions, 10)
        mine.append(clock() - began)
        began = clock()
        likeness = questions @ rows.T
        best = np.argpartition(likeness, -10, axis=1)[:, -10:]
        plain.append(clock() - began)
        assert all(set(names) == {str(i) for i in row} for names, row in zip(ids, best, strict=True))
    return {"ours": mine, "plain product and argpartition": plain}


async def storing(held: int, rounds: int, *, memory: bool) -> dict[str, Seconds]:
    """Measuring and storing a batch with `held` vectors stored already, half in either of two domains."""
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
        everything = [group.rows[: held // 2].copy() for group in vectors._near._groups.values()]
        measured, added, settled, products = [], [], [], []
        for number in range(rounds):
            rows, names = directions(rng, BATCH), [f"{number}-{i}" for i in range(BATCH)]
            began = clock()
            vectors.measure(names, rows, ["a"] * BATCH)
            measured.append(clock() - began)
            began = clock()
            await vectors.add(names, rows, [{"domain": "a"}] * BATCH)
            added.append(clock() - began)
            began = clock()
            await vectors.settle()
            settled.append(clock() - began)
            began = clock()
            for part in everything:
                _ = rows @ part.T
            products.append(clock() - began)
        await vectors.close()
    together = [a + b for a, b in zip(measured, added, strict=True)]
    return {"measuring and adding": together, "measuring": measured, "adding": added,
            "plain product alone": products, "Chroma, behind": settled}  # fmt: skip


def show(title: str, rows: dict[str, Seconds]) -> None:
    """Medians in milliseconds."""
    table = Table("", "ms", "ms of CPU", "slowest, ms", title=title)
    for name, values in rows.items():
        wall, cpu = 1000 * np.median(values, axis=0)
        table.add_row(name, f"{wall:.1f}", f"{cpu:.1f}", f"{1000 * np.max(values, axis=0)[0]:.1f}")
    Console(width=100).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stored", type=int, default=10_000)
    parser.add_argument("--memory", action="store_true", help="fill the memory alone; Chroma begins empty")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    show("1,000 queries top-10 among 10,000", queries(10_000, 1_000, options.rounds))
    stored = asyncio.run(storing(options.stored, options.rounds, memory=options.memory))
    show(f"a batch of {BATCH}, {options.stored:,} stored", stored)


if __name__ == "__main__":
    main()
