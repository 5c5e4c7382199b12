"""A log of vLLM that did not start becomes one line that says what to do."""

from __future__ import annotations

import pytest

from wunderkammer.jobs.vllm.death import why

MEMORY = (
    "(EngineCore pid=7) ERROR 11-22 12:00:00 [core.py:1] ValueError: Free memory on device cuda:0 (3.1/79.2 GiB) on "
    "startup is less than desired GPU memory utilization (0.9, 71.3 GiB). Decrease GPU memory utilization."
)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "GPU GPU-0 is leased by a-job",
            "is leased by a-job; wait for it (`wunder jobs`), or set other gpus",
        ),
        (MEMORY, "somebody else uses the GPU: 3.1/79.2 GiB are free; end that, or lower gpu_memory_utilization"),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", "the GPU's memory is too small"),
        ("ValueError: No available memory for the cache blocks. Try", "raise gpu_memory_utilization"),
        ("OSError: a/modle is not a local folder and is not a valid model identifier listed on", "no model a/modle"),
        ("OSError: [Errno 98] error while attempting to bind: Address already in use", "its port is taken"),
        ("api_server.py: error: unrecognized arguments: --fast", "error: unrecognized arguments: --fast; see args in"),
        ("/bin/python: Error while finding: ModuleNotFoundError: No module named 'vllm'", "wunder setup vllm"),
        ("RuntimeError: Failed to infer device type", "there is no GPU here; gpus = [] runs it on the CPU"),
        ("vLLM ended with signal 9", "it was killed; is memory short?"),
        (
            "(APIServer pid=1) ERROR 11-22 12:00:00 [x.py:1] RuntimeError: Engine failed. See root cause above.\n"
            "(EngineCore pid=2) ERROR 11-22 12:00:00 [y.py:2] ValueError: nobody has seen this before",
            "ValueError: nobody has seen this before",
        ),
        ("some words\nlast words", "some words"),
        ("", "it said nothing"),
    ],
)
def test_a_log_becomes_a_line(said: str, told: str) -> None:
    found = why(f"INFO loading weights\n{said}" if said and "\n" not in said else said)

    assert told in found
    assert "\n" not in found
