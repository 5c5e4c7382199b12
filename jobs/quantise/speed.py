"""How fast a model reads and writes, in torch on the machine at hand: tokens a second, with their scatter.

Arguments: `tokens` (of a prompt), `rows` (at once), `new` (tokens written), `times`. After: jobs that left a folder
`model/`, quantised or not. Artifacts: `result.json` alone. Speed in torch on a processor says nothing of vLLM's on an
accelerator, whose kernels compute in few bits; here few bits save memory and cost time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.jobs.finetune.faults import named


def main(desk: Desk) -> dict[str, object]:
    """Time each model in turn."""
    import torch

    from wunderkammer.jobs.finetune import loading

    folders = {job: path / "model" for job, path in desk.after.items() if (path / "model").is_dir()}
    if not folders:
        raise Unable("speed needs jobs that left a model: a weights job, or exports")
    place = loading.device()
    with named("tokens and rows"):
        found = {job: _timed(desk, folder, place) for job, folder in folders.items()}
    return {"engine": f"torch {torch.__version__} on {place}", "threads": torch.get_num_threads(), "models": found}


def _timed(desk: Desk, folder: Path, place: str) -> dict[str, Any]:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    rows, tokens, new, times = (int(desk.args[name]) for name in ("rows", "tokens", "new", "times"))
    kind = getattr(AutoConfig.from_pretrained(folder), "quantization_config", None) or {}
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).to(place).eval()
    drawn = torch.Generator().manual_seed(0)
    prompt = torch.randint(3, model.config.vocab_size, (rows, tokens), generator=drawn).to(place)
    with torch.no_grad():
        reads = _seconds(lambda: model(prompt, logits_to_keep=1), times)
        writes = _seconds(lambda: _write(model, prompt[:, :8], new), times)
    return {
        "format": kind.get("format", "none") if isinstance(kind, dict) else str(kind.format),
        "mib": round(sum(file.stat().st_size for file in folder.glob("*.safetensors")) / 2**20, 1),
        "reads_per_s": [round(rows * tokens / one, 2) for one in reads],
        "writes_per_s": [round(rows * new / one, 2) for one in writes],
        "reads_per_s_median": round(rows * tokens / median(reads), 2),
        "writes_per_s_median": round(rows * new / median(writes), 2),
    }


def _write(model: Any, prompt: Any, new: int) -> None:
    """Greedy decoding with a cache, never stopping early."""
    model.generate(prompt, max_new_tokens=new, min_new_tokens=new, do_sample=False, pad_token_id=0)


def _seconds(work: Callable[[], object], times: int) -> list[float]:
    """Of the clock, call by call; the first is not counted."""
    work()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return found
