"""A model of two layers that reads bytes, lessons for it, and a hand-made desk to run jobs at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stage.bytewise import make_byte_model
from stage.office import Office
from wunderkammer.core.contract import Message
from wunderkammer.jobs.finetune.lessons import Example


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path, "finetune")


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
