"""One cell of the calibration study: quantise a model on one calibration set, and see what it still can do.

Arguments: `quantiser`, `set`, `bits`, `group`, `samples` and `tokens` (of the calibration set), `held` (tokens of each
text that it is examined on), `questions`; `file`, where the set is the user's own. After: a weights job. Artifacts:
`windows.jsonl` with the loss of every window; `model/` in compressed-tensors format where `export` is true.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from wunderkammer.core.ids import rng_for
from wunderkammer.jobs.desk import Desk
from wunderkammer.jobs.finetune import utility
from wunderkammer.jobs.finetune.faults import named
from wunderkammer.jobs.finetune.kept import once
from wunderkammer.jobs.finetune.questions import QUESTIONS
from wunderkammer.jobs.finetune.upstream import Base, base_of
from wunderkammer.jobs.quantise import quantisers, texts
from wunderkammer.jobs.quantise.examination import Windows, loss, perplexity

WINDOW = 512
"""Tokens of a window that is examined; longer context changes perplexities, not their order."""


@dataclass(frozen=True)
class Cell:
    """The arguments, read."""

    quantiser: str
    set: str
    bits: int
    group: int
    samples: int
    tokens: int
    held: int
    questions: int
    export: bool
    seed: int
    file: Path | None

    @classmethod
    def of(cls, desk: Desk) -> Cell:
        numbers = {name: int(desk.args[name]) for name in ("bits", "group", "samples", "tokens", "held", "questions")}
        return cls(
            quantiser=str(desk.args["quantiser"]),
            set=str(desk.args["set"]),
            export=bool(desk.args.get("export", False)),
            seed=desk.seed,
            file=Path(str(desk.args["file"])) if "file" in desk.args else None,
            **numbers,
        )


def main(desk: Desk) -> dict[str, object]:
    """Quantise, examine, and say what came of it."""
    cell, base = Cell.of(desk), base_of(desk)
    with named("samples, tokens and held"):
        found = once(desk, "found", partial(_measure, desk, cell, base))
    windows = found.pop("windows")
    with (desk.out / "windows.jsonl").open("w", encoding="utf-8") as lines:
        for name, losses in windows.items():
            lines.write(json.dumps({"text": name, "losses": losses}) + "\n")
    return {"base": base.hash, "base_name": base.name, **found}


def _measure(desk: Desk, cell: Cell, base: Base) -> dict[str, Any]:
    from wunderkammer.jobs.finetune import loading

    place = loading.device()
    tokenizer = loading.load_tokenizer(base.model)
    model = loading.load_model(base, "fp32" if place == "cpu" else "bf16", place)
    start = time.monotonic()
    seen = _quantised(desk, cell, model, tokenizer)
    seconds = time.monotonic() - start
    held = {name: _held(cell, tokenizer, name) for name in texts.EXAMINED}
    tell = partial(_told, desk, sum(len(one.rows) for one in held.values()))
    windows = {name: one.losses(model, tokenizer.pad_token_id, partial(tell, name)) for name, one in held.items()}
    right = _answered(cell, model, tokenizer)
    figures = {f"loss_{name}": loss(windows[name], one.scored) for name, one in held.items()}
    if cell.export:
        model.save_pretrained(desk.out / "model", save_compressed=True)
        tokenizer.save_pretrained(desk.out / "model")
    return {
        **figures,
        "loss": sum(figures.values()) / len(figures),
        **{f"perplexity_{name}": perplexity(windows[name], one.scored) for name, one in held.items()},
        "accuracy": sum(right) / len(right),
        "quantising_s": round(seconds, 3),
        "held_tokens": sum(one.scored for one in held.values()),
        "calibration": seen,
        "windows": windows,
    }


def _quantised(desk: Desk, cell: Cell, model: Any, tokenizer: Any) -> dict[str, object]:
    """Quantise in place; says what the calibration set was."""
    if cell.quantiser == "none":
        return {}
    from llmcompressor import oneshot

    modifiers = quantisers.recipe(cell.quantiser, cell.bits, cell.group)
    if cell.group:
        quantisers.check_group(model, cell.group)
    if cell.quantiser not in quantisers.CALIBRATED:
        desk.tell(0, None, f"{cell.quantiser}: needs no calibration")
        oneshot(model=model, recipe=modifiers)
        return {}
    desk.tell(0, None, f"{cell.quantiser} on {cell.samples} × {cell.tokens} tokens of {cell.set}")
    rows = Windows.cut(tokenizer, _calibration(cell), cell.samples, cell.tokens).rows
    with quantisers.on_this_machine():
        oneshot(
            model=model,
            dataset=_dataset(rows),
            recipe=modifiers,
            num_calibration_samples=len(rows),
            max_seq_length=cell.tokens,
            shuffle_calibration_samples=False,
        )
    return {"tokens": cell.samples * cell.tokens, "hash": texts.digest([" ".join(map(str, row)) for row in rows])}


def _calibration(cell: Cell) -> Any:
    return texts.read(cell.set, "calibration", rng_for("calibration", cell.set, cell.seed), cell.file)


def _held(cell: Cell, tokenizer: Any, name: str) -> Windows:
    """The same windows for every cell of a model: only so do they compare in pairs."""
    return Windows.cut(tokenizer, texts.read(name, "held", rng_for("held", name)), cell.held // WINDOW, WINDOW)


def _dataset(rows: Any) -> Any:
    from datasets import Dataset

    return Dataset.from_dict({"input_ids": [list(row) for row in rows], "attention_mask": [[1] * len(r) for r in rows]})


def _answered(cell: Cell, model: Any, tokenizer: Any) -> list[bool]:
    from wunderkammer.jobs.finetune.likelihood import answer_losses

    asked = QUESTIONS[: cell.questions or None]
    endings = [utility.ended(tokenizer, question.beginning, one) for question in asked for one in question.endings]
    losses = answer_losses(model, endings, tokenizer.pad_token_id)
    return [utility.right(question, losses[4 * at : 4 * at + 4]) for at, question in enumerate(asked)]


def _told(desk: Desk, of: int, name: str, done: int) -> None:
    desk.tell(done, of, f"windows of {name}")
