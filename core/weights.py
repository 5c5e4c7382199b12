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

    base: a transformers folder, a GGUF file or a hub name. A file or folder is glanced at, so that another model at the
    same path is another job.
    """
    path = Path(base).expanduser()
    local = path.exists()
    return Job(
        module=MODULE,
        args={"base": str(path.resolve()) if local else str(base), "mark": mark(path) if local else ""},
        title=f"weights of {path.stem if local else base}",
        needs=needs or Resources(cores=1, memory_gib=4),
        environment=ENVIRONMENT,
    )
