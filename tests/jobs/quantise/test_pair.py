"""The trained pair: alike in size and in what they read, killed and resumed without a trace, usable as weights."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from stage.office import Office  # noqa: E402
from wunderkammer.jobs.desk import Desk, Unable  # noqa: E402
from wunderkammer.jobs.quantise import pair  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")

ASKED = {"steps": 4, "rows": 2, "context": 32, "rate": 1e-3}
LOOK = {"set": "noise", "rows": 2, "tokens": 16, "precision": "fp32"}


@pytest.fixture
def office(tmp_path, monkeypatch) -> Office:
    monkeypatch.setattr(pair, "TEXT", 5000)
    monkeypatch.setattr(pair, "SAVED_EVERY", 2)
    return Office(tmp_path, "quantise")


def test_both_are_of_one_size_within_three_per_cent() -> None:
    sizes = [sum(one.numel() for one in pair.build(kind, 128).parameters()) for kind in ("old", "new")]

    assert 2_000_000 < min(sizes) <= max(sizes) < 1.03 * min(sizes) < 5_000_000


@pytest.mark.parametrize("kind", ["old", "new"])
def test_it_goes_on_as_if_it_had_not_been_killed(office: Office, monkeypatch, kind: str) -> None:
    whole = office.run("pair", "whole", ASKED | {"architecture": kind}, seed=3)

    def dies(self, step, *_, **__) -> None:
        if step == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(Desk, "tell", dies)
        with pytest.raises(KeyboardInterrupt):
            office.run("pair", "parts", ASKED | {"architecture": kind}, seed=3)
    again = office.run("pair", "parts", ASKED | {"architecture": kind}, seed=3)

    assert again["hash"] == whole["hash"]
    assert again["training_loss"] == whole["training_loss"]


def test_what_was_trained_is_looked_at_and_examined_like_any_weights(office: Office) -> None:
    office.run("pair", "old", ASKED | {"architecture": "old", "context": 128})
    cell = {"quantiser": "none", "set": "prose", "bits": 8, "group": 0, "samples": 0, "tokens": 0, "held": 512,
            "questions": 1, "precision": "fp32"}  # fmt: skip

    assert office.run("activations", "a", LOOK, after=["old"])["kurtosis"] > 1
    assert 3 < office.run("cell", "c", cell, after=["old"])["loss"] < 7


def test_an_unknown_architecture_is_refused(office: Office) -> None:
    with pytest.raises(Unable, match="old or new"):
        office.run("pair", "p", ASKED | {"architecture": "baroque"})
