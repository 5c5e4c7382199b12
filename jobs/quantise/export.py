"""A quantised model as a folder of compressed tensors, which vLLM and transformers load.

Arguments: `quantiser`, `set`, `bits`, `group`, `samples`, `tokens` and `precision` as of a cell, whose seed gives the
same model; `file` or `data`, where the set is the user's own. After: a weights job. Artifact: `model/`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import partial
from typing import Any

from wunderkammer.core.fingerprint import weight_files, weights_hash
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.jobs.finetune.faults import named
from wunderkammer.jobs.finetune.upstream import Base, base_of
from wunderkammer.jobs.quantise import quantisers
from wunderkammer.jobs.quantise.cell import Cell, Stopwatch, calibration_of


def main(desk: Desk) -> dict[str, object]:
    """Quantise, save, and say how much smaller it became."""
    cell, base = Cell.of(desk), base_of(desk)
    if cell.quantiser == "none":
        raise Unable("quantiser = none: there is nothing to export; name gptq, awq, round, smooth, static or dynamic")
    with named("samples and tokens"):
        seconds = _export(desk, cell, base)
    folder = desk.out / "model"
    config = json.loads((folder / "config.json").read_text("utf-8"))["quantization_config"]
    before, after = (sum(file.stat().st_size for file in weight_files(place)) for place in (base.model, folder))
    return {
        "base": base.hash,
        "base_name": base.name,
        "hash": weights_hash(folder),
        "format": config["format"],
        "bytes": after,
        "bytes_before": before,
        "cpu_seconds": seconds,
        **{
            name: value for name, value in asdict(cell).items() if name in ("quantiser", "set", "bits", "group", "seed")
        },
    }


def _export(desk: Desk, cell: Cell, base: Base) -> dict[str, float]:
    from wunderkammer.jobs.finetune import loading

    watch = Stopwatch()
    tokenizer = loading.load_tokenizer(base.model)
    model = loading.load_model(base, cell.precision, loading.device())
    calibration = calibration_of(cell, tokenizer)
    desk.tell(0, 2, f"{cell.quantiser} on {len(calibration.rows)} × {cell.tokens} tokens of {cell.set}")
    quantise = partial(quantisers.quantise, model, cell.quantiser, cell.bits, cell.group, calibration.rows)
    watch.measure("quantise", quantise)
    desk.tell(1, 2, "saving")
    watch.measure("save", partial(_save, model, tokenizer, desk))
    return watch.parts


def _save(model: Any, tokenizer: Any, desk: Desk) -> None:
    model.save_pretrained(desk.out / "model", save_compressed=True)
    tokenizer.save_pretrained(desk.out / "model")
