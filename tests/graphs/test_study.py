"""A study: thresholds before jobs, failures that stay failures, and a kill at any moment that changes nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from stage.soil import Soil, Spade, lime
from wunderkammer.core.errors import LedgerError
from wunderkammer.core.events import Concluded, Hypothesised
from wunderkammer.core.study import StudyPlan
from wunderkammer.graphs import study
from wunderkammer.graphs.laboratory import Laboratory
from wunderkammer.memory import studies
from wunderkammer.memory.findings import findings_of
from wunderkammer.memory.ledger import Ledger, address_of, joined

PLAN = StudyPlan(domain="soil", rounds=2, width=3, pairs=8, seed=5)
ALONE = StudyPlan(domain="soil", rounds=1, width=3, pairs=10, stated=False, asked=(lime("higher", 0.4),))


async def conduct(home: Path, plan: StudyPlan, spade: Spade, saver=None, tell: Callable = lambda event: None):
    """Go on with study `s` from wherever it stands; returns its findings."""
    async with joined(address_of(home)) as ledger:
        graph = study.build(saver or InMemorySaver())
        config = {"configurable": {"thread_id": "s"}, "recursion_limit": 100}
        laboratory = Laboratory("s", plan, Soil(), ledger, spade, tell)
        snapshot = await graph.aget_state(config)
        going = snapshot.created_at is not None and bool(snapshot.next)
        over = len({event.round for event in studies.concluded(ledger, "s")})
        await graph.ainvoke(None if going else study.from_round(over), config, context=laboratory, durability="sync")
        return findings_of(ledger, "s")


async def test_what_is_known_of_soil_is_found(tmp_path) -> None:
    told = []
    findings = await conduct(
        tmp_path, PLAN.model_copy(update={"rounds": 1}), Spade(tmp_path / "jobs"), tell=told.append
    )
    verdicts = {f.hypothesis.id: f.verdict for f in findings}

    assert verdicts[lime("higher", 0.4).id] == "supported"
    assert sorted(verdicts.values()) == ["refuted", "supported", "supported"]
    assert [type(event) for event in told if isinstance(event, (Hypothesised, Concluded))] == [Hypothesised] * 3 + [
        Concluded
    ] * 3


async def test_follow_ups_are_about_something_else(tmp_path) -> None:
    findings = await conduct(tmp_path, PLAN, Spade(tmp_path / "jobs"))

    assert len(findings) == 6
    assert {f.hypothesis.source for f in findings[3:]} <= {"follow-up", "contrast"}
    assert len({f.hypothesis.id for f in findings}) == 6


async def test_a_threshold_is_durable_before_its_first_job_is_dispatched(tmp_path) -> None:
    seen = []

    def look(job) -> None:
        with Reader(tmp_path) as other:  # another connection: what it sees is committed
            asked = studies.hypothesised(other, "s")
            seen.append([(event.hypothesis.threshold, event.hypothesis.refuted_by, event.alpha) for event in asked])

    await conduct(tmp_path, ALONE, Spade(tmp_path / "jobs", before=look))

    assert len(seen) == 20
    assert all(rows and rows[0][0] == "mean difference of yield > 0.4" for rows in seen)
    assert all(rows[0][1] == lime("higher", 0.4).refuted_by for rows in seen)


async def test_nothing_is_dispatched_for_what_is_not_written_down(tmp_path) -> None:
    async with joined(address_of(tmp_path)) as ledger:
        spade = Spade(tmp_path / "jobs")
        with pytest.raises(LedgerError, match="nothing is dispatched"):
            await Laboratory("s", ALONE, Soil(), ledger, spade, lambda event: None).dispatch(0)

    assert spade.submitted == []


async def test_a_job_that_fails_is_a_recorded_failure_and_no_result(tmp_path) -> None:
    spade = Spade(tmp_path / "jobs", fails=lambda job: "out of soil" if job.args["lime"] and job.seed < 3 else "")
    (finding,) = await conduct(tmp_path, ALONE, spade)

    async with joined(address_of(tmp_path)) as ledger:
        measured = studies.measured(ledger, "s").values()
        failed = [event for event in studies.worked(ledger, "s").values() if event.status == "failed"]
    assert finding.verdict == "undecided"
    assert finding.missing.startswith("measurements: 7 of 10 pairs are whole: job ")
    assert "out of soil" in finding.missing
    assert len(failed) == 3
    assert sum(one.outcome is None for one in measured) == 3


async def test_artifacts_that_are_not_as_promised_are_failures_too(tmp_path) -> None:
    class Careless(Spade):
        def _dig(self, name: str) -> None:
            super()._dig(name)
            if self._jobs[name].seed == 1:
                (self.folder / name / "result.json").write_text("{}")

    (finding,) = await conduct(tmp_path, ALONE, Careless(tmp_path / "jobs"))

    assert finding.statistics["n"] == 9
    assert finding.verdict == "supported"


async def test_a_control_that_hypotheses_share_is_dug_once(tmp_path) -> None:
    spade = Spade(tmp_path / "jobs")
    await conduct(tmp_path, PLAN.model_copy(update={"rounds": 1}), spade)

    assert len(spade.dug) == len(set(spade.dug)) == 3 * 8


async def test_another_study_of_the_same_settings_runs_nothing_again(tmp_path) -> None:
    first, second = Spade(tmp_path / "jobs"), Spade(tmp_path / "jobs")
    (one,) = await conduct(tmp_path / "a", ALONE, first)
    (other,) = await conduct(tmp_path / "b", ALONE, second)

    assert second.dug == []
    assert one == other


async def test_a_round_keeps_to_the_jobs_that_are_allowed(tmp_path) -> None:
    spade = Spade(tmp_path / "jobs")
    findings = await conduct(tmp_path, PLAN.model_copy(update={"most_jobs": 20}), spade)

    assert len(set(spade.submitted)) <= 20
    assert len(findings) == 1


class Killed(BaseException):
    """Stands for the end of a process: nobody catches it."""


async def test_ended_at_any_write_it_goes_on_and_digs_nothing_twice(tmp_path, monkeypatch) -> None:
    whole = await conduct(tmp_path / "whole", PLAN, Spade(tmp_path / "whole-jobs"))
    flush, killed = Ledger.flush, 0
    for lives in range(40):
        left = lives % 5  # the life ends after so many writes

        async def mortal(self) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                self._silence()
                self._waiting = {}  # what was not flushed is lost, as with a kill
                raise Killed
            await flush(self)

        monkeypatch.setattr(Ledger, "flush", mortal)
        try:
            await conduct(tmp_path / "hunted", PLAN, Spade(tmp_path / "hunted-jobs"))
        except Killed:
            killed += 1
        else:
            break
    monkeypatch.setattr(Ledger, "flush", flush)
    hunted = await conduct(tmp_path / "hunted", PLAN, Spade(tmp_path / "hunted-jobs"))
    dug = Counter((tmp_path / "hunted-jobs" / "dug.log").read_text().split())

    assert killed >= 5
    assert {f.claim for f in hunted} == {f.claim for f in whole}
    assert set(dug.values()) == {1}
    assert len(dug) == len(Counter((tmp_path / "whole-jobs" / "dug.log").read_text().split()))


async def test_cancelled_while_waiting_it_finds_its_jobs_again(tmp_path) -> None:
    saver, slow = InMemorySaver(), Spade(tmp_path / "jobs", delay_s=0.02)
    task = asyncio.create_task(conduct(tmp_path, ALONE, slow, saver))
    while len(slow.dug) < 4:
        await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    fresh = Spade(tmp_path / "jobs")
    fresh._jobs = dict(slow._jobs)
    (finding,) = await conduct(tmp_path, ALONE, fresh, saver)

    assert finding.verdict == "supported"
    assert slow.cancelled == []
    assert set(slow.dug).isdisjoint(fresh.dug)


class Reader:
    """A second look at a ledger while somebody else writes."""

    def __init__(self, home: Path) -> None:
        self.ledger = Ledger(address_of(home))

    def __enter__(self) -> Ledger:
        return self.ledger

    def __exit__(self, *fault: object) -> None:
        self.ledger._writer.shutdown()
        self.ledger.engine.dispose()
