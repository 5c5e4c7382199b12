"""A job's own program: makes its desk, calls `main(desk)` of its module, and leaves artifacts or the reason why not.

    python -m wunderkammer.jobs.child FOLDER ATTEMPT

Standard library alone: this runs in whatever virtual environment the job asked for.
"""

from __future__ import annotations

import errno
import hashlib
import importlib
import json
import os
import re
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.jobs.folder import FULL, Folder, Launch, read, write

RESULT, MANIFEST = "result.json", "manifest.json"
_GPU_MEMORY = re.compile(r"RESOURCE_EXHAUSTED|CUDA out of memory|CUDA_ERROR_OUT_OF_MEMORY|CUBLAS_STATUS_ALLOC_FAILED")


def main(argv: list[str]) -> int:
    """Attempt a job; exit code 0 when all of its artifacts are in the draft folder."""
    folder = Folder(Path(argv[0]))
    job = read(folder.path / "job.json") or {}
    launch = folder.launch()
    try:
        attempt(_desk(folder, job, launch, int(argv[1])), job["module"])
    except Exception as fault:  # whatever a program of ours or of the user raises becomes the job's reason
        reason, again = explain(fault, launch.environment, job["module"])
        if not isinstance(fault, Unable):
            traceback.print_exc()
        print(f"job {folder.id}: {reason}", file=sys.stderr)
        sys.stderr.flush()
        try:
            write(folder.fault, {"reason": reason, "again": again})
        except OSError:
            return FULL
        return 1
    return 0


def attempt(desk: Desk, module: str) -> None:
    """Call the module's `main`, and say what it made."""
    found = importlib.import_module(module)
    if not callable(getattr(found, "main", None)):
        raise Unable(f"{module} has no main(desk), so it is no job; name the module that has")
    result = found.main(desk)
    if result is not None:
        if not isinstance(result, dict):
            raise Unable(f"{module}.main returned {type(result).__name__}; a job returns a dict or None")
        _keep(desk.out / RESULT, result)
    made = [path for path in sorted(desk.out.rglob("*")) if path.is_file() and path != desk.out / MANIFEST]
    files = [_entry(path, desk.out) for path in made]
    fresh = desk.out / f".{MANIFEST}"
    _keep(fresh, {"job": desk.job, "module": module, "files": files})
    _settle(fresh)
    fresh.replace(desk.out / MANIFEST)  # the last thing to appear: with it, the work is whole


def explain(fault: Exception, environment: str, module: str) -> tuple[str, bool]:
    """One line on what went wrong, and whether another attempt may help."""
    words = " ".join(str(fault).split())[:500]
    match fault:
        case Unable():
            return words or "it gave up without a reason", False
        case ImportError():
            return _lacking(fault, environment, module), False
        case MemoryError():
            return "out of memory: give it more, or less to do (a smaller batch, a shorter length)", False
        case OSError(errno=errno.ENOSPC | errno.EDQUOT | errno.EFBIG):
            return f"disk full: {fault.filename or fault.strerror}", False
        case FloatingPointError():
            return f"not a number: {words}; a lower learning rate may help", False
    if type(fault).__name__ == "OutOfMemoryError" or _GPU_MEMORY.search(words):
        return f"out of GPU memory: give it more, or a smaller batch ({words[:160]})", False
    return f"{type(fault).__name__}: {words}" if words else type(fault).__name__, True


def _lacking(fault: ImportError, environment: str, module: str) -> str:
    missing = (fault.name or "").partition(".")[0]
    if missing and missing == module.partition(".")[0] and missing != "wunderkammer":
        return f"no module {module} where it runs ({sys.executable})"
    if environment:
        return f"{fault}: environment {environment!r} lacks it; `wunder setup {environment}` makes it anew"
    return f"{fault}: our own Python lacks it; install it, or give the job an environment"


def _desk(folder: Folder, job: Mapping[str, Any], launch: Launch, number: int) -> Desk:
    return Desk(
        job=folder.id,
        args=job["args"] | job.get("places", {}),
        seed=job["seed"],
        inputs={name: Path(place) for name, place in launch.inputs.items()},
        after={name: Path(place) for name, place in launch.after.items()},
        out=folder.draft,
        checkpoint=folder.checkpoint,
        progress=folder.progress,
        attempt=number,
    )


def _keep(file: Path, value: Mapping[str, Any]) -> None:
    """Write JSON, without figures that are none."""
    try:
        text = json.dumps(value, indent=1, allow_nan=False)
    except ValueError:
        raise FloatingPointError(f"{file.name} holds a figure that is none") from None
    except TypeError as fault:
        raise Unable(f"{file.name}: {fault}; a job returns what JSON can hold") from None
    file.write_text(text, "utf-8")


def _settle(file: Path) -> None:
    """See to it that a file survives the end of the machine."""
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _entry(file: Path, root: Path) -> dict[str, Any]:
    _settle(file)
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {"name": file.relative_to(root).as_posix(), "size": file.stat().st_size, "sha256": digest}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
