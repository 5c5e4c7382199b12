"""Why vLLM died while it started, from what it said: the one line that tells a user what to do."""

from __future__ import annotations

import re

TAIL = 200_000
"""Characters of a log that are looked at, from its end."""

_KNOWN = (
    (r"GPU \S+ is leased by .+", "{0}; wait for it (`wunder jobs`), or set other gpus"),
    (
        r"Free memory on device \S+ \(([\d.]+/[\d.]+ GiB)\).* is less than",
        "somebody else uses the GPU: {1} are free; end that, or lower gpu_memory_utilization",
    ),
    (
        r"(?:CUDA out of memory|OutOfMemoryError|out of memory\b)",
        "the GPU's memory is too small; take a smaller model, or a shorter one with --max-model-len in args",
    ),
    (r"No available memory for the cache blocks", "no memory is left for its cache; raise gpu_memory_utilization"),
    (
        r"max seq len \((\d+)\).*larger than.*KV cache",
        "the model's {1} tokens do not fit into memory; set --max-model-len in args",
    ),
    (
        r"(\S+) is not a local folder and is not a valid model identifier",
        "no model {1}: neither a folder here nor known to the hub",
    ),
    (
        r"Invalid repository ID or local directory specified: '?([^'\n]+)'?",
        "no model {1}: neither a folder here with a config.json nor a hub name",
    ),
    (r"Repo id must [^\n]+", "no such model: neither a folder here nor a hub name"),
    (
        r"(?:couldn't connect to|LocalEntryNotFoundError|OfflineModeIsEnabled|Cannot reach)",
        "the model is not here and the hub cannot be reached; name a folder",
    ),
    (r"[Aa]ddress already in use", "its port is taken; choose another `port`"),
    (r"No module named '?vllm", "the environment has no vllm; make one: wunder setup vllm"),
    (r"error: (?:unrecognized arguments|argument) ?:?[^\n]*", "{0}; see args in [servers.NAME.vllm]"),
    (
        r"(?:No CUDA GPUs are available|Failed to infer device type|no NVIDIA driver)",
        "there is no GPU here; gpus = [] runs it on the CPU",
    ),
    (r"vLLM ended with signal 9", "it was killed; is memory short?"),
)  # fmt: skip
_FAULT = re.compile(r"\b(?:\w*(?:Error|Exception|Exit)): .+")
_PREFIX = re.compile(r"^(?:\([^)]*pid=\d+\)\s*)?(?:(?:ERROR|INFO|WARNING)\s[\d\-]+\s[\d:]+\s\[[^\]]*\]\s*)?")


def why(log: str) -> str:
    """One line without its full stop."""
    text = log[-TAIL:]
    for pattern, words in _KNOWN:
        if found := re.search(pattern, text):
            return words.format(found[0], *(group or "" for group in found.groups()))
    lines = [_PREFIX.sub("", line).strip() for line in text.splitlines()]
    faults = [found[0] for line in lines if (found := _FAULT.search(line)) and "See root cause above" not in line]
    return (faults or [line for line in lines if line] or ["it said nothing"])[0][:300]
