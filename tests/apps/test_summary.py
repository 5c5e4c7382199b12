"""Runs in a few figures: one of them and hundreds, by as many queries."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import event

from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.summary import summaries, summary
from wunderkammer.core.calls import Call
from wunderkammer.core.events import Ended, Remembered, Resumed
from wunderkammer.core.plan import make_plan
from wunderkammer.core.settings import load
from wunderkammer.memory import runs
from wunderkammer.memory.ledger import Ledger, address_of, opened
from wunderkammer.memory.lock import owning
from wunderkammer.memory.runs import Run

PLAN = make_plan({"domain": "rainbow-skills", "steps": 9})


@pytest.fixture
def ledger(tmp_path) -> Iterator[Ledger]:
    with opened(address_of(tmp_path)) as found:
        yield found


def begin(ledger: Ledger, name: str, steps: int, *last: object) -> None:
    runs.begin(ledger, Run(name, "rainbow-skills", PLAN, {}, None, 0, float(steps)))
    for step in range(steps):
        told = Remembered(step=step, filled=step + 1, cells=100, qd_score=1.0, accepted=1, seconds=1.0)
        runs.tell(ledger, name, told, key=str(step))
        call = {"id": f"{name}-{step}", "run": name, "slot": step, "request": f"{name}-{step}", "attempts": 1}
        ledger.record(Call(**call, role="target", server="s", model="m", prompt_tokens=3, completion_tokens=2))
    for one in last:
        runs.tell(ledger, name, one)


def queries(ledger: Ledger, ask) -> int:
    """How many statements asking takes."""
    seen: list[str] = []

    def note(link, cursor, statement, *rest) -> None:
        seen.append(statement)

    event.listen(ledger.engine, "before_cursor_execute", note)
    ask()
    event.remove(ledger.engine, "before_cursor_execute", note)
    return len(seen)


def test_each_is_told_by_its_last_words(ledger, tmp_path) -> None:
    begin(ledger, "a1", 3, Ended(status="finished", reason="all steps done"))
    begin(ledger, "b2", 2, Ended(status="paused", reason="asked to"), Resumed(step=2, seconds=1.0, elites=()))
    begin(ledger, "c3", 0)
    begin(ledger, "d4", 1, Ended(status="stopped", reason="enough"))
    ledger.flush_now()
    known = [runs.find_run(ledger, name) for name in ("a1", "b2", "c3", "d4")]
    with owning(tmp_path, "d4"):
        found = summaries(ledger, tmp_path, known)
        listed = {one.id: one.status for one in Office(load(home=tmp_path), ledger).everything()}

    assert [one.status for one in found] == ["finished", "interrupted", "interrupted", "running"]
    assert listed == {one.id: one.status for one in found}
    assert [one.reason for one in found] == ["all steps done", "", "", ""]
    assert [(one.steps, one.filled, one.calls, one.tokens) for one in found] == [
        (3, 3, 3, 15), (2, 2, 2, 10), (0, 0, 0, 0), (1, 1, 1, 5),
    ]  # fmt: skip
    assert [summary(ledger, tmp_path, one) for one in known[:3]] == found[:3]


def test_hundreds_take_no_more_queries_than_one(ledger, tmp_path) -> None:
    for number in range(300):
        begin(ledger, f"{number:04x}", 1, Ended(status="finished", reason="done"))
    ledger.flush_now()
    known, office = runs.all_runs(ledger), Office(load(home=tmp_path), ledger)

    assert queries(ledger, lambda: summaries(ledger, tmp_path, known)) == 4
    assert queries(ledger, lambda: summaries(ledger, tmp_path, known[:1])) == 4
    assert queries(ledger, office.everything) == 4


def test_looking_whether_a_run_is_owned_makes_nothing(ledger, tmp_path) -> None:
    begin(ledger, "a1", 1)
    ledger.flush_now()
    summary(ledger, tmp_path, runs.find_run(ledger, "a1"))

    assert not (tmp_path / "locks").exists()
