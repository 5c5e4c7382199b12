"""Does our rounding agree with a few lines of arithmetic, our loss with transformers', and bf16 with fp32?

`python benchmarks/calibration.py FOLDER [--windows 4]` in the environment of `wunder setup quantise`; FOLDER holds a
transformers model, for example `HOME/jobs/JOB/out/model` of a weights job. Wanted, before it was run: every quantised
weight within 1e-3 of the largest of its matrix, mean losses within 1e-3 nats a token, bf16 within 5e-3 of fp32.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

GROUP = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--windows", type=int, default=4, help="Of each text; 512 tokens each.")
    asked = parser.parse_args()
    start = time.process_time()
    found = {**rounding(asked.model), **losses(asked.model, asked.windows)}
    print(json.dumps({**found, "cpu_seconds": round(time.process_time() - start, 1)}, indent=1))


def rounding(folder: Path) -> dict[str, float]:
    """Round-to-nearest in 4 bits by llm-compressor, against scales from the largest weight of each group."""
    from wunderkammer.jobs.quantise import quantisers

    plain, rounded = _load(folder, "fp32"), _load(folder, "fp32")
    quantisers.quantise(rounded, "round", 4, GROUP)
    quantisers.settle(rounded)
    worst, differ, count = 0.0, 0, 0
    for name, weight in plain.named_parameters():
        if name.endswith("proj.weight"):
            groups = weight.reshape(-1, GROUP)
            scale = groups.abs().amax(1, keepdim=True) / 7.5
            ours = ((groups / scale).round().clamp(-8, 7) * scale).reshape(weight.shape)
            off = (rounded.get_parameter(name) - ours).abs() / weight.abs().max()
            worst, count = max(worst, float(off.max())), count + weight.numel()
            differ += int((off > 1e-3).sum())
    return {"weights": count, "worst_of_largest_weight": worst, "weights_that_differ": differ}


def losses(folder: Path, windows: int) -> dict[str, Any]:
    """Mean loss of held-out windows: ours, and the one that transformers computes from labels; in fp32 and in bf16."""
    import torch

    from wunderkammer.core.ids import rng_for
    from wunderkammer.jobs.finetune.loading import load_tokenizer
    from wunderkammer.jobs.quantise import texts
    from wunderkammer.jobs.quantise.examination import Windows, loss

    tokenizer, found = load_tokenizer(folder), {}
    for name in texts.EXAMINED:
        held = Windows.cut(tokenizer, texts.read(name, "held", rng_for("held", name)), windows, 512)
        for numbers in ("fp32", "bf16"):
            model = _load(folder, numbers)
            found[f"{name}_{numbers}"] = loss(held.losses(model, 0, lambda _: None), held.scored)
            if numbers == "fp32":
                with torch.no_grad():
                    rows = [torch.tensor([row]) for row in held.rows]
                    theirs = [float(model(row, labels=row).loss) for row in rows]
                found[f"{name}_transformers"] = sum(theirs) / len(theirs)
    return found


def _load(folder: Path, numbers: Any) -> Any:
    from wunderkammer.jobs.finetune.loading import load_model
    from wunderkammer.jobs.finetune.upstream import Base

    return load_model(Base("", folder, {"hash": "", "base": str(folder)}), numbers, "cpu")


if __name__ == "__main__":
    main()
