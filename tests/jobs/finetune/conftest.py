"""A model of two layers that reads bytes, lessons for it, and a hand-made desk to run jobs at."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stage.bytewise import make_byte_model
from wunderkammer.core.contract import Message
from wunderkammer.jobs.desk import Desk
from wunderkammer.jobs.finetune.lessons import Example


@dataclass(frozen=True)
class Office:
    """Runs jobs by hand, one folder each."""

    root: Path

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
        result: dict[str, Any] = importlib.import_module(f"wunderkammer.jobs.finetune.{module}").main(desk)
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


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture(scope="session")
def byte_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transformers folder: a random llama of two layers with one token per byte."""
    return make_byte_model(tmp_path_factory.mktemp("bytes"), seed=0)


@pytest.fixture
def other_byte_model(tmp_path: Path) -> Path:
    """The same with other weights."""
    return make_byte_model(tmp_path / "other", seed=1)


@pytest.fixture
def based(office: Office, byte_model: Path) -> Office:
    """An office where the weights job `base` is done."""
    office.run("weights", "base", {"base": str(byte_model), "mark": ""})
    return office


@pytest.fixture
def sums() -> Callable[..., list[Example]]:
    return make_sums


def make_sums(count: int, first: int = 0, group: str = "a", **changes: Any) -> list[Example]:
    """`count` different lessons on adding, of different lengths."""
    numbers = range(first, first + count)
    return [
        Example(
            messages=(Message(role="user", content=f"{'please ' * (number % 3)}{number}+{number % 7}=?"),),
            chosen=str(number + number % 7),
            rejected=f"{number + number % 7 + 1} or so",
            source=f"s{number}",
            group=group,
            kind="chat" if number % 4 == 3 else "repair",
        ).model_copy(update=changes)
        for number in numbers
    ]
