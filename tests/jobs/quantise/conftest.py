"""A desk to run quantisation jobs at, with a model of two layers that reads bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stage.bytewise import make_byte_model
from stage.office import Office


@pytest.fixture(scope="session")
def byte_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transformers folder: a random llama of two layers with one token per byte."""
    return make_byte_model(tmp_path_factory.mktemp("bytes"), seed=0)


@pytest.fixture
def based(tmp_path: Path, byte_model: Path) -> Office:
    """An office where the weights job `base` is done."""
    office = Office(tmp_path, "quantise")
    replace(office, room="finetune").run("weights", "base", {"base": str(byte_model), "mark": ""})
    return office
