"""One cell of the calibration study: quantise a model on one calibration set, and see what it still can do.

Arguments: `quantiser`, `set`, `bits`, `group`, `samples` and `tokens` (of the calibration set), `held` (tokens of each
text that it is examined on), `questions`, `precision`; `file` or `data` (a data set's name), where the set is the
user's own; `outliers`, how many times larger a few channels are made before anything else. After: a weights job.
Artifacts: `windows.jsonl` with the loss of every window, `questions.jsonl` with what was answered.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from wunderkammer.core.ids import rng_for
from wunderkammer.jobs.desk import Desk
from wunderkammer.jobs.finetune import utility
from wunderkammer.jobs.finetune.faults import named
from wunderkammer.jobs.finetune.kept import once
from wunderkammer.jobs.finetune.loading import Precision
from wunderkammer.jobs.finetune.questions import QUESTIONS
from wunderkammer.jobs.finetune.upstream import Base, base_of
from wunderkammer.jobs.quantise import outliers, quantisers, texts
from wunderkammer.jobs.quantise.examination import Windows, loss, perplexity

WINDOW = 512
"""Tokens of a window that is examined, at most: less where the model was made for less."""

T = TypeVar("T")


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
    precision: Precision
    outliers: float
    seed: int
    file: Path | None
    data: str = ""

    @classmethod
    def of(cls, desk: Desk) -> Cell:
        numbers = {name: int(desk.args.get(name, 0)) for name in _NUMBERS}
        return cls(
            quantiser=str(desk.args["quantiser"]),
            set=str(desk.args["set"]),
            precision="fp32" if desk.args["precision"] == "fp32" else "bf16",
            outliers=float(desk.args.get("outliers", 1)),
            seed=desk.seed,
            file=Path(str(desk.args["file"])) if "file" in desk.args else None,
            data=str(desk.args.get("data", "")),
            **numbers,
        )


_NUMBERS = ("bits", "group", "samples", "tokens", "held", "questions")


@dataclass
class Stopwatch:
    """CPU seconds of this process, part by part: on a machine that others use too, time on the wall says little."""

    parts: dict[str, float] = field(default_factory=dict)

    def measure(self, name: str, work: Callable[[], T]) -> T:
        start = time.process_time()
        found = work()
        self.parts[name] = round(time.process_time() - start, 2)
        return found


def main(desk: Desk) -> dict[str, object]:
    """Quantise, examine, and say what came of it."""
    cell, base = Cell.of(desk), base_of(desk)
    with named("samples, tokens and held"):
        found = once(desk, "found", partial(_measure, desk, cell, base))
    windows, answers = found.pop("windows"), found.pop("answers")
    _write(desk.out / "windows.jsonl", [{"text": name, "losses": losses} for name, losses in windows.items()])
    asked = zip(QUESTIONS, answers, strict=False)
    _write(desk.out / "questions.jsonl", [{"question": one.beginning, "right": right} for one, right in asked])
    return {"base": base.hash, "base_name": base.name, **found}


def _measure(desk: Desk, cell: Cell, base: Base) -> dict[str, Any]:
    from wunderkammer.jobs.finetune import loading

    watch = Stopwatch()
    tokenizer = watch.measure("tokenizer", partial(loading.load_tokenizer, base.model))
    model = watch.measure("load", partial(loading.load_model, base, cell.precision, loading.device()))
    calibration = watch.measure("texts", partial(calibration_of, cell, tokenizer))
    held = watch.measure("held", partial(held_out, cell, tokenizer, window_of(model)))
    if cell.outliers != 1:
        watch.measure("outliers", partial(_with_outliers, cell, base, model, held))
    desk.tell(0, None, f"{cell.quantiser} on {len(calibration.rows)} × {cell.tokens} tokens of {cell.set}")
    watch.measure("quantise", partial(quantised, cell, model, calibration))
    windows = watch.measure("windows", partial(_examined, desk, model, tokenizer.pad_token_id, held))
    right = watch.measure("questions", partial(answered, model, tokenizer, cell.questions))
    figures = {f"loss_{name}": loss(windows[name], one.scored) for name, one in held.items()}
    return {
        **figures,
        "loss": sum(figures.values()) / len(figures),
        **{f"perplexity_{name}": perplexity(windows[name], one.scored) for name, one in held.items()},
        "accuracy": sum(right) / len(right),
        "held_tokens": sum(one.scored for one in held.values()),
        "held_hash": texts.digest([one.hash for one in held.values()]),
        "calibration_tokens": sum(map(len, calibration.rows)),
        "calibration_hash": calibration.hash,
        "cpu_seconds": watch.parts,
        "windows": windows,
        "answers": right,
    }


def calibration_of(cell: Cell, tokenizer: Any) -> Windows:
    """Rows of the calibration set; none for who looks at none."""
    if cell.quantiser not in quantisers.CALIBRATED:
        return Windows(())
    found = texts.read(cell.set, "calibration", rng_for("calibration", cell.set, cell.seed), cell.file, cell.data)
    return Windows.cut(tokenizer, found, cell.samples, cell.tokens)


def window_of(model: Any) -> int:
    return min(WINDOW, getattr(model.config, "max_position_embeddings", WINDOW))


def held_out(cell: Cell, tokenizer: Any, window: int) -> dict[str, Windows]:
    """What is examined on, by name: the same windows for every cell of a model, for only so do they make pairs."""
    return {
        name: Windows.cut(tokenizer, texts.read(name, "held", rng_for("held", name)), cell.held // window, window)
        for name in texts.EXAMINED
    }


def quantised(cell: Cell, model: Any, calibration: Windows) -> None:
    """Quantise the model in place, to be examined."""
    if cell.quantiser != "none":
        quantisers.quantise(model, cell.quantiser, cell.bits, cell.group, calibration.rows)
        quantisers.settle(model)


def answered(model: Any, tokenizer: Any, questions: int) -> list[bool]:
    """Whether the right ending was the likeliest, question by question; 0: all questions."""
    from wunderkammer.jobs.finetune.likelihood import answer_losses

    asked = QUESTIONS[: questions or None]
    endings = [utility.ended(tokenizer, question.beginning, one) for question in asked for one in question.endings]
    losses = answer_losses(model, endings, tokenizer.pad_token_id)
    return [utility.right(question, losses[4 * at : 4 * at + 4]) for at, question in enumerate(asked)]


def _with_outliers(cell: Cell, base: Base, model: Any, held: dict[str, Windows]) -> None:
    """Put outliers in, once it was seen in fp32, on a window of each text, that they change nothing there."""
    from wunderkammer.jobs.finetune import loading

    few = Windows([one.rows[0] for one in held.values()])
    exact = loading.load_model(base, "fp32", loading.device())
    outliers.check(exact, cell.outliers, cell.seed, lambda it: loss(few.losses(it, 0, lambda _: None), few.scored))
    outliers.inject(model, cell.outliers, cell.seed)


def _examined(desk: Desk, model: Any, pad: int, held: dict[str, Windows]) -> dict[str, list[float]]:
    count = sum(len(one.rows) for one in held.values())
    return {name: one.losses(model, pad, partial(_told, desk, count, name)) for name, one in held.items()}


def _told(desk: Desk, of: int, name: str, done: int) -> None:
    desk.tell(done, of, f"windows of {name}")


def _write(file: Path, rows: list[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in rows)
