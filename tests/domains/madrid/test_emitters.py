"""CMA-ME: learns what pays, and comes to the same state again from what it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.madrid import emitters
from wunderkammer.domains.madrid.emitters import CmaMe, Settings
from wunderkammer.domains.madrid.scenario import Scenario

pytest.importorskip("ribs")
SETTINGS = Settings(players=3, references=("weak", "strong"), sigma=0.1, batch=32, seed=5)


def entry(level: Scenario, score: float) -> Entry[Scenario]:
    outcome = Outcome(score=score, cell=level.cell)
    return Entry(candidate=Candidate(domain="madrid", genome=level), outcome=outcome)


def worth(level: Scenario) -> float:
    """The nearer the ball and the second attacker to the right, the better."""
    return level.ball[0] + level.left[2][0]


def told(levels: Sequence[Scenario]) -> list[Entry[Scenario]]:
    return [entry(level, worth(level)) for level in levels]


def after(steps: int, settings: Settings = SETTINGS) -> tuple[CmaMe, list[list[Scenario]]]:
    search = CmaMe(settings)
    asked = []
    for _ in range(steps):
        asked.append(list(search.ask(settings.batch)))
        search.tell(told(asked[-1]))
    return search, asked


def test_every_step_is_full_of_levels_with_known_references() -> None:
    _, asked = after(3)
    assert all(len(step) == 32 for step in asked)
    levels = {level for step in asked for level in step}
    assert {level.reference for level in levels} == {"weak", "strong"}
    assert {level.by for level in levels} == {"cma"}


def test_it_comes_to_the_same_state_from_the_same_tale() -> None:
    first, again = after(6), after(6)
    assert first[1] == again[1]
    assert list(first[0].ask(32)) == list(again[0].ask(32))
    assert after(1, replace(SETTINGS, seed=6))[1] != first[1][:1]


def test_it_fills_more_cells_and_finds_better_ones() -> None:
    _, asked = after(25)
    best: list[float] = []
    held: dict[object, float] = {}
    for step in asked:
        for level in step:
            held[level.cell] = max(worth(level), held.get(level.cell, -9.0))
        best.append(max(held.values()))
    assert best[-1] > best[0] + 0.3
    assert len(held) > 100


def test_what_it_is_not_told_of_counts_as_no_improvement() -> None:
    search = CmaMe(SETTINGS)
    asked = search.ask(32)
    search.tell(told(asked[:5]))
    assert len(search.ask(32)) == 32


def test_seeds_and_strangers_are_kept_and_taught_by_nobody() -> None:
    search = CmaMe(SETTINGS)
    some = search.ask(12)
    assert {level.by for level in some} == {"fresh"}
    search.tell(told(some))
    mine = search.ask(32)
    search.tell(told(some))  # a fork: its parent had other levels in this step
    assert len(mine) == len(search.ask(32)) == 32
    assert search.restarts == 0


def test_a_step_that_cannot_be_shared_out_is_refused() -> None:
    with pytest.raises(ConfigError, match="batch: 30 slots for 4 emitters"):
        CmaMe(Settings(3, ("weak", "strong"), 0.1, 30, 0))


def test_without_pyribs_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name="ribs")

    monkeypatch.setattr(emitters, "import_module", missing)
    with pytest.raises(ConfigError, match=r'pip install "wunderkammer\[cma\]"'):
        CmaMe(SETTINGS)
