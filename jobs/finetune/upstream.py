"""What the jobs before left: base weights and adapters, told apart by what is in their folders."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wunderkammer.jobs.desk import Desk, Unable


@dataclass(frozen=True)
class Base:
    """The artifacts of a weights job."""

    job: str
    model: Path
    """A transformers folder."""
    said: Mapping[str, Any]

    @property
    def hash(self) -> str:
        return str(self.said["hash"])

    @property
    def name(self) -> str:
        base = str(self.said["base"])
        return Path(base).stem if base.endswith(".gguf") else base


@dataclass(frozen=True)
class Tuned:
    """The artifacts of a training job."""

    job: str
    adapter: Path
    """PEFT format."""
    said: Mapping[str, Any]

    def check(self, base: Base) -> None:
        """`Unable` where it was trained on other weights."""
        if self.said["base"] != base.hash:
            raise Unable(
                f"adapter {self.job} belongs to the base {self.said['base']} ({self.said['base_name']}), "
                f"not to {base.hash} ({base.name}); train it again on this base"
            )


def base_of(desk: Desk) -> Base:
    """The one base among the jobs before."""
    found = [Base(job, path / "model", _said(path)) for job, path in desk.after.items() if (path / "model").is_dir()]
    if len(found) != 1:
        raise Unable(f"this job needs the artifacts of one weights job, and has those of {len(found)}")
    return found[0]


def tuned(desk: Desk, base: Base) -> list[Tuned]:
    """All adapters among the jobs before, in their order; `Unable` where one belongs to another base."""
    found = [Tuned(job, path / "adapter", _said(path)) for job, path in desk.after.items() if _has_adapter(path)]
    for adapter in found:
        adapter.check(base)
    return found


def _has_adapter(path: Path) -> bool:
    return (path / "adapter" / "adapter_config.json").is_file()


def _said(path: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((path / "result.json").read_text("utf-8"))
    return said
