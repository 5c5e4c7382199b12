"""A hand-made desk to run jobs at, one folder each; no dispatcher, no processes."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wunderkammer.jobs.desk import Desk
from wunderkammer.jobs.finetune.lessons import Example


@dataclass(frozen=True)
class Office:
    """Runs jobs by hand, one folder each."""

    root: Path
    room: str
    """The package of `jobs` that their modules are in."""

    def run(
        self, module: str, name: str, args: Mapping[str, Any] | None = None, *, seed: int = 0,
        inputs: Mapping[str, Path] | None = None, after: Iterable[str] = (),
    ) -> dict[str, Any]:  # fmt: skip
        """What the job `name` found; its artifacts are in `out(name)`. Run again, it goes on from its checkpoint."""
        out, checkpoint = self.out(name), self.root / f"{name}.checkpoint"
        out.mkdir(exist_ok=True)
        checkpoint.mkdir(exist_ok=True)
        desk = Desk(
            job=name, args=dict(args or {}), seed=seed, inputs=dict(inputs or {}),
            after={job: self.out(job) for job in after}, out=out, checkpoint=checkpoint, progress=self.progress(name),
        )  # fmt: skip
        result: dict[str, Any] = importlib.import_module(f"wunderkammer.jobs.{self.room}.{module}").main(desk)
        (out / "result.json").write_text(json.dumps(result), "utf-8")
        return json.loads((out / "result.json").read_text("utf-8"))  # type: ignore[no-any-return]

    def out(self, name: str) -> Path:
        return self.root / name

    def progress(self, name: str) -> Path:
        return self.root / f"{name}.progress"

    def told(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.progress(name).read_text("utf-8").splitlines()]

    def lessons(self, name: str, examples: Iterable[Example]) -> Path:
        file = self.root / name
        file.write_text("".join(example.model_dump_json() + "\n" for example in examples), "utf-8")
        return file
