"""Entry points of our own name what there is."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path

import pytest

POINTS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]


@pytest.mark.parametrize(
    ("group", "place"), [(group, place) for group, points in POINTS.items() for place in points.values()]
)
def test_what_is_offered_can_be_called(group: str, place: str) -> None:
    pytest.importorskip("jax")  # of the extra that all football needs
    assert group in ("wunderkammer.pitches", "wunderkammer.players")
    module, _, name = place.partition(":")
    assert callable(getattr(importlib.import_module(module), name))
