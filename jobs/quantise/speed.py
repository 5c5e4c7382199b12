"""How fast a model reads and writes, in torch or in vLLM on the machine at hand: tokens a second, with their scatter.

Arguments: `tokens` (of a prompt), `rows` (at once), `new` (tokens written), `times`, `rounds`, `engine` (`torch` where
nothing is said, or `vllm`, which the job's environment has to have). After: jobs that left a folder `model/`, quantised
or not. Artifacts: `result.json` alone. Each turn is a process of its own, and the turns go round, so that no model has
the machine's good moments to itself. torch computes with the numbers of bf16 whatever the weights are kept in: there
few bits save memory and cost time. What vLLM's kernels make of them on an accelerator, only that accelerator tells.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from wunderkammer.core.fingerprint import weight_files
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.jobs.finetune.faults import named

Timed = tuple[list[float], list[float]]
"""Tokens a second: reading, and writing, call by call."""


@dataclass(frozen=True)
class Asked:
    """What is timed: `rows` prompts of so many tokens read at once, and so many new ones written after 8 of each."""

    rows: int
    tokens: int
    new: int
    times: int


def main(desk: Desk) -> dict[str, object]:
    """Time each model in turn."""
    engine = str(desk.args.get("engine", "torch"))
    folders = {job: path / "model" for job, path in desk.after.items() if (path / "model").is_dir()}
    if not folders:
        raise Unable("speed needs jobs that left a model: a weights job, or exports")
    if engine not in ENGINES:
        raise Unable(f"engine = {engine}: {' or '.join(ENGINES)}")
    asked = Asked(**{name: int(desk.args[name]) for name in ("rows", "tokens", "new", "times")})
    with named("tokens and rows"):
        found = in_turns(folders, asked, engine, int(desk.args.get("rounds", 1)), desk.tell)
    return {**machine(engine), "models": found}


def machine(engine: str) -> dict[str, object]:
    """What did the timing: engine and version, on what, in how many threads."""
    import torch

    from wunderkammer.jobs.finetune import loading

    version = import_module(engine).__version__
    return {"engine": f"{engine} {version} on {loading.device()}", "threads": torch.get_num_threads()}


def in_turns(
    folders: Mapping[str, Path], asked: Asked, engine: str, rounds: int, tell: Callable[[int, int, str], object]
) -> dict[str, dict[str, Any]]:
    """Each model once a round, by name: its format, MiB of weights, all tokens a second and their medians."""
    timed: dict[str, list[Timed]] = {name: [] for name in folders}
    names = list(folders)
    turns = [name for number in range(rounds) for name in names[number % len(names) :] + names[: number % len(names)]]
    for at, name in enumerate(turns):
        tell(at, len(turns), name)
        # Not forked: neither engine stands for that once it has begun.
        with ProcessPoolExecutor(1, get_context("spawn")) as alone:
            timed[name].append(alone.submit(ENGINES[engine], folders[name], asked).result())
    return {name: {**weighed(folders[name]), **_told(timed[name])} for name in names}


def weighed(folder: Path) -> dict[str, Any]:
    """How weights are kept, and how much room they take."""
    kind = json.loads((folder / "config.json").read_text("utf-8")).get("quantization_config") or {}
    size = sum(file.stat().st_size for file in weight_files(folder))
    return {"format": str(kind.get("format", "none")), "mib": round(size / 2**20, 1)}


def _told(timed: Sequence[Timed]) -> dict[str, Any]:
    kinds = {"reads": [one for reads, _ in timed for one in reads], "writes": [one for _, w in timed for one in w]}
    return {
        **{f"{kind}_per_s": [round(one, 2) for one in speeds] for kind, speeds in kinds.items()},
        **{f"{kind}_per_s_median": round(median(speeds), 2) for kind, speeds in kinds.items()},
    }


def in_torch(folder: Path, asked: Asked) -> Timed:
    """By transformers, on a GPU where there is one."""
    import torch
    from transformers import AutoModelForCausalLM

    from wunderkammer.jobs.finetune import loading

    place = loading.device()
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).to(place).eval()
    drawn = torch.Generator().manual_seed(0)
    prompt = torch.randint(3, model.config.vocab_size, (asked.rows, asked.tokens), generator=drawn).to(place)
    with torch.no_grad():
        return _timed(asked, lambda: model(prompt, logits_to_keep=1), lambda: _write(model, prompt[:, :8], asked.new))


def in_vllm(folder: Path, asked: Asked) -> Timed:
    """By vLLM's engine in this process; no prompt is remembered from one call to the next."""
    from random import Random

    from vllm import LLM, SamplingParams, TokensPrompt

    llm = LLM(
        model=str(folder),
        dtype="bfloat16",
        max_model_len=asked.tokens + asked.new + 8,
        max_num_batched_tokens=max(2048, asked.rows * asked.tokens),
        enable_prefix_caching=False,
        distributed_executor_backend="uni",  # no second process that waits in a loop, on what may be the only core
        disable_log_stats=True,
    )
    rng, most = Random(0), llm.get_tokenizer().vocab_size
    drawn = [[rng.randrange(3, most) for _ in range(asked.tokens)] for _ in range(asked.rows)]

    def run(length: int, new: int) -> None:
        rule = SamplingParams(temperature=0.0, max_tokens=new, ignore_eos=True, detokenize=False)
        llm.generate([TokensPrompt(prompt_token_ids=row[:length]) for row in drawn], rule, use_tqdm=False)

    return _timed(asked, lambda: run(asked.tokens, 1), lambda: run(8, asked.new))


ENGINES: dict[str, Callable[[Path, Asked], Timed]] = {"torch": in_torch, "vllm": in_vllm}


def _write(model: Any, prompt: Any, new: int) -> None:
    """Greedy decoding with a cache, never stopping early."""
    model.generate(prompt, max_new_tokens=new, min_new_tokens=new, do_sample=False, pad_token_id=0)


def _timed(asked: Asked, read: Callable[[], object], write: Callable[[], object]) -> Timed:
    reads = [asked.rows * asked.tokens / one for one in _seconds(read, asked.times)]
    return reads, [asked.rows * asked.new / one for one in _seconds(write, asked.times)]


def _seconds(work: Callable[[], object], times: int) -> list[float]:
    """Of the clock, call by call; the first is not counted."""
    work()
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return found
