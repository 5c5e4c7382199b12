"""Base weights as a job: the first link of every chain that trains, converts or quantises a model."""

from __future__ import annotations

from pathlib import Path

from wunderkammer.core.fingerprint import mark
from wunderkammer.core.work import Job, Resources

MODULE = "wunderkammer.jobs.finetune.weights"
ENVIRONMENT = "finetune"
"""Name of the virtual environment with torch, transformers, trl, peft, datasets and gguf."""


def weights_job(base: str | Path, *, needs: Resources | None = None) -> Job:
    """Base weights as a transformers folder; artifact `model/`.

    base: a transformers folder, a GGUF file or a hub name. What lies here counts by its content: another model at the
    same path is another job, and the same model at another path the same one.
    """
    path = Path(base).expanduser()
    local = path.exists()
    named = path.stem if path.is_file() else path.resolve().name if local else str(base)
    return Job(
        module=MODULE,
        args={"mark": mark(path)} if local else {"base": str(base)},
        places={"base": str(path.resolve())} if local else {},
        title=f"weights of {named}",
        needs=needs or Resources(cores=1, memory_gib=4),
        environment=ENVIRONMENT,
    )
