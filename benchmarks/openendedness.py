"""Are the control systems told apart? Every observer's verdict on every control, over 20 seeds.

    python benchmarks/openendedness.py --out openendedness.json        # run again to go on

Stated before the second run, over seeds 20 to 39, and not changed since:
- Everything was developed on seeds from 1000 upwards; no seed is in both.
- Controls, and which verdicts are right of each, are `memory.openendedness.controls.SUITE`: stretches of 512 artifacts,
  embeddings by 256 hashed character n-grams (which every installation has), grids of about 16 × 16 points.
- A control is classified right by an observer if the verdict is a right one in at least 18 of the 20 seeds.
  `undecided` is never right.
- The claim: `compressor` (without embeddings) and `linear` (with) classify every control right; and noise and the two
  shuffled curricula are called open-ended by neither in more than one seed of twenty (5 %).
- A first run, over seeds 0 to 19 and with the same criteria, had failed for `compressor` (docs/lab-notes.md). After it,
  tests became stricter (corrected p .003 instead of .01), blocks wider, and the systems of which half is judged longer.
- `kernel` and `echo` are told without a threshold.

Stated before the third run, over seeds 40 to 59 (`--seeds 40 60 --observers echo kernel`), in which these two have
other forms, developed on seeds 1000 and 1001:
- `echo` now meets the criteria above: every control right in at least 18 of 20 seeds, noise and shuffled curricula
  called open-ended in at most one.
- `kernel` meets them but for `widening grammar` and `stalling, growing`, which it is expected to miss in most seeds.
  (What came out, docs/open-endedness.md: `echo` fails on `walk`; the run of `kernel` was not finished.)

A language model is asked too, where one is named (`--observers language=http://127.0.0.1:8000/v1#MODEL`, or a
transformers folder): a point of its matrix is one artifact, and 12 to 23 of them stand on a side, as in a run's report.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from itertools import product
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from wunderkammer.apps.observing import language
from wunderkammer.apps.openended import size_for
from wunderkammer.core.settings import load
from wunderkammer.memory.embedders import Hashed
from wunderkammer.memory.openendedness.controls import SUITE, Control
from wunderkammer.memory.openendedness.matrix import grid, loss_matrix
from wunderkammer.memory.openendedness.observer import Observer
from wunderkammer.memory.openendedness.observers import OBSERVERS, observer, sees_vectors
from wunderkammer.memory.openendedness.series import Series
from wunderkammer.memory.openendedness.verdict import verdict

CLAIMED = ("compressor", "linear", "echo", "kernel")
MISSES = {"kernel": {"widening grammar", "stalling, growing"}}
"""What an observer is expected not to see."""
NEVER_OPEN = ("noise", "shuffled addition", "shuffled widening")
EMBEDDER = Hashed(256)
ENOUGH = 0.9

Row = dict[str, Any]


def judge(control: Control, observer: Observer, name: str, seed: int) -> Row:
    """One observer's verdict on one system."""
    texts = control.texts(seed)
    vectors = EMBEDDER.embed(texts) if sees_vectors(observer) else None
    points = grid(*control.stretch(len(texts)), **size_for(observer))
    found = verdict(loss_matrix(Series(texts, vectors, EMBEDDER.name), observer, points))
    return {
        "control": control.name,
        "observer": name,
        "seed": seed,
        "label": found.label,
        "right": found.label in control.right,
        "novelty": [round(found.novelty.p, 5), round(found.novelty.effect, 3)],
        "learnability": [round(found.learnability.p, 5), round(found.learnability.effect, 3)],
    }


def show(rows: Sequence[Row], observers: Sequence[str]) -> None:
    """The confusion table, and whether the claims hold."""
    table = Table("control", "right is", *observers, title="verdicts by control and observer")
    for control in SUITE:
        cells = []
        for name in observers:
            labels = Counter(r["label"] for r in rows if (r["control"], r["observer"]) == (control.name, name))
            cells.append(", ".join(f"{label} {count}" for label, count in labels.most_common()))
        table.add_row(control.name, " or ".join(sorted(control.right)), *cells)
    Console(width=200).print(table)
    for name in observers:
        mine = [row for row in rows if row["observer"] == name]
        if not mine:
            continue
        wrong = sum(not row["right"] for row in mine)
        failed = [c.name for c in SUITE if _share(mine, c.name) < ENOUGH]
        opened = {c: sum(r["label"] == "open-ended" for r in mine if r["control"] == c) for c in NEVER_OPEN}
        holds = set(failed) <= MISSES.get(name, set()) and all(
            count <= 0.05 * _seeds(mine, c) for c, count in opened.items()
        )
        claim = ("claim holds" if holds else "claim FAILS") if name in CLAIMED else "no claim"
        print(f"{name}: {wrong} of {len(mine)} wrong ({wrong / len(mine):.1%}); not classified: {failed or 'none'}; "
              f"called open-ended: {opened}; {claim}")  # fmt: skip


def _seeds(rows: Sequence[Row], control: str) -> int:
    return sum(row["control"] == control for row in rows)


def _share(rows: Sequence[Row], control: str) -> float:
    mine = [row["right"] for row in rows if row["control"] == control]
    return sum(mine) / len(mine) if mine else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs=2, default=(20, 40), metavar=("FIRST", "END"))
    parser.add_argument("--observers", nargs="*", default=list(OBSERVERS), help="names, or language=ADDRESS")
    parser.add_argument("--controls", nargs="*", default=[control.name for control in SUITE])
    parser.add_argument("--out", type=Path, help="verdicts are kept here and not found again")
    options = parser.parse_args()
    rows: list[Row] = json.loads(options.out.read_text()) if options.out and options.out.exists() else []
    done = {(row["control"], row["observer"], row["seed"]) for row in rows}
    for name in options.observers:
        kind, _, address = name.partition("=")
        with language(load(), address) if kind == "language" else nullcontext(observer(name)) as one:
            for control, seed in product(SUITE, range(*options.seeds)):
                if control.name in options.controls and (control.name, name, seed) not in done:
                    rows.append(judge(control, one, name, seed))
                    if options.out:
                        options.out.write_text(json.dumps(rows))
    show(rows, options.observers)


if __name__ == "__main__":
    main()
