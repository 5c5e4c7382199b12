"""A job: a trained optimiser beside others on somebody's worlds; `domains/groove/comparison.py` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.fingerprint import file_hash
from wunderkammer.jobs.desk import Desk, Unable


def main(desk: Desk) -> dict[str, Any]:
    """Compare. args: `schooling`; `optimiser` and perhaps `worlds`, where files lie, and the hash of each as
    `…_content`."""
    from wunderkammer.domains.groove.comparison import compare

    files = {name: Path(str(desk.args[name])) for name in ("optimiser", "worlds") if name in desk.args}
    try:
        for name, file in files.items():
            if not file.is_file() or file_hash(file) != desk.args[f"{name}_content"]:
                raise ConfigError(f"{file} is gone, or is another file than this job was submitted for; ask anew")
        schooling = int(desk.args["schooling"])
        return compare(files["optimiser"], files.get("worlds"), desk.seed, schooling, desk.out, desk.tell)
    except ConfigError as fault:
        raise Unable(str(fault)) from None
