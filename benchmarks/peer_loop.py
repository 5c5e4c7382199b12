"""Drives the search loop of RainbowPlus over its OpenAI path, in an interpreter that has its needs; see `peer.py`.

Runs apart from Wunderkammer and imports nothing of it. vLLM and `datasets` are stood in for: the loop that is timed
never touches them. Its BLEU is its own, but for the tokeniser, whose tables would have to be downloaded.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace


def stand_in(name: str, **members: object) -> None:
    """A module that need not be installed."""
    module = ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("url")
    parser.add_argument("--iterations", type=int, default=20)
    parser.add_argument("--mutations", type=int, default=5)
    options = parser.parse_args()
    stand_in("vllm", LLM=object, SamplingParams=object)
    stand_in("datasets", load_dataset=None)
    sys.path.insert(0, str(options.source))
    sys.stdout = sys.stderr  # it prints

    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
    from rainbowplus.configs.base import LLMConfig
    from rainbowplus.llms.openai import LLMviaOpenAI
    from rainbowplus.rainbowplus import run_rainbowplus
    from rainbowplus.scores.openai_guard import OpenAIGuard

    logging.disable(logging.CRITICAL)
    smoothing = SmoothingFunction().method4

    def score(child: str, parent: str) -> float:
        return float(sentence_bleu([parent.lower().split()], child.lower().split(), smoothing_function=smoothing))

    def seat(model: str, **sampling: object) -> LLMConfig:
        return LLMConfig("openai", "none", options.url, {"model": model}, sampling)

    config = SimpleNamespace(
        archive={
            "path": [str(options.source / f"configs/{n}/{n}.txt") for n in ("categories", "styles")],
            "descriptor": ["Risk Category", "Attack Style"],
        },
        sample_prompts="seeds.json",
        mutator_llm=seat("planted-mutator", temperature=0.7, top_p=0.9, max_tokens=128),
        target_llm=seat("planted-target", temperature=0.6, top_p=0.9, max_tokens=1024),
        fitness_llm=seat("planted-classifier", max_tokens=16, logprobs=True, top_logprobs=5),
    )
    llms = {c.model_kwargs["model"]: LLMviaOpenAI(c) for c in (config.mutator_llm, config.target_llm)}
    judge = OpenAIGuard(config.fitness_llm)

    def search(iterations: int, folder: str) -> float:
        arguments = SimpleNamespace(
            max_iters=iterations,
            log_dir=folder,
            num_mutations=options.mutations,
            sim_threshold=0.6,
            fitness_threshold=0.5,
            log_interval=50,
        )
        began = time.perf_counter()
        run_rainbowplus(
            arguments,
            config,
            seed_prompts=[f"Seed prompt number {i}" for i in range(iterations)],
            llms=llms,
            fitness_fn=judge,
            similarity_fn=SimpleNamespace(score=score),
        )
        return time.perf_counter() - began

    with tempfile.TemporaryDirectory() as folder:
        search(1, folder)  # connections are made before the clock starts
        seconds = search(options.iterations, folder)
    print(json.dumps({"iterations": options.iterations, "seconds": seconds}), file=sys.__stdout__)


if __name__ == "__main__":
    main()
