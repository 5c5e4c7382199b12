"""A job that stands in for fine-tuning: its "adapter" is a list of cells that were taught, in a LoRA's clothes."""

from __future__ import annotations

import json
import time

import numpy as np
from safetensors.numpy import save_file

from wunderkammer.core.ids import content_id
from wunderkammer.jobs.desk import Desk, Unable


def main(desk: Desk) -> dict[str, float]:
    """Reads lessons, waits `seconds` in all, writes an adapter. `fail`: says why it cannot."""
    rows = [json.loads(line) for line in desk.inputs["lessons"].read_text("utf-8").splitlines()]
    if desk.args.get("fail"):
        raise Unable(str(desk.args["fail"]))
    steps = 4
    for step in range(steps):
        desk.tell(step + 1, steps, loss=1.0 / (step + 1))
        time.sleep(float(desk.args.get("seconds", 0.0)) / steps)
    taught = sorted({" × ".join(row["cell"]) for row in rows if row["cell"]})
    config = {"peft_type": "LORA", "r": 1, "lora_alpha": 2, "target_modules": ["q_proj"], "taught": taught}
    (desk.out / "adapter_config.json").write_text(json.dumps(config), "utf-8")
    rng = np.random.default_rng(int(content_id(rows, desk.seed)[:8], 16))
    name = "base_model.model.model.layers.0.self_attn.q_proj"
    halves = {"lora_A": (1, 8), "lora_B": (8, 1)}
    save_file(
        {f"{name}.{half}.weight": rng.normal(size=shape).astype("<f4") for half, shape in halves.items()},
        desk.out / "adapter_model.safetensors",
    )
    return {"loss": 0.25, "rows": float(len(rows))}
