"""A job: more rows like those of a replay file; `domains/synther/upsampling.py` does the work."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.fingerprint import file_hash
from wunderkammer.core.settings import checked
from wunderkammer.domains.synther.settings import Upsampling
from wunderkammer.jobs.desk import Desk, Unable


def main(desk: Desk) -> dict[str, Any]:
    """Make more. args: the fields of `Upsampling` but the seed; `content`, the file's hash; `data`, where it lies."""
    from wunderkammer.domains.synther.upsampling import enlarge
    from wunderkammer.learners import replay_file

    args = dict(desk.args)
    file, content = Path(str(args.pop("data"))), args.pop("content")
    try:
        if not file.is_file() or file_hash(file) != content:
            raise ConfigError(f"{file} is gone, or is another file than this job was submitted for; submit it anew")
        settings = checked(Upsampling, {**args, "seed": desk.seed}, "upsampling")
        found = replay_file.read(file)
        return enlarge(settings, found, desk.checkpoint / "training", desk.out, desk.tell, time.monotonic)
    except ConfigError as fault:
        raise Unable(str(fault)) from None
