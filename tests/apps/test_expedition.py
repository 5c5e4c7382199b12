"""Expeditions: begun, forked, replayed from the ledger alone."""

from __future__ import annotations

import pytest
from langgraph.runtime import RunControl

from wunderkammer import domains
from wunderkammer.apps.expedition import Expedition, new_run
from wunderkammer.apps.installation import ledger_address, make_domain
from wunderkammer.apps.report.files import write_report
from wunderkammer.apps.report.reading import read_report
from wunderkammer.core.events import Explored, Reflected
from wunderkammer.core.plan import make_plan
from wunderkammer.core.settings import RoleSettings, ServerSettings, load
from wunderkammer.memory import accounts
from wunderkammer.memory.ledger import opened
from wunderkammer.memory.runs import find_run, status, steps_done
from wunderkammer.memory.slots import archive_of
from wunderkammer.models.rehearsal import Planted, Script, rehearsal

AXES = domains.find("rainbow-safety").axes
PLAN = make_plan({"domain": "rainbow-safety", "steps": 4, "batch": 8, "lag": 1, "seed": 2})


@pytest.fixture
async def stage(tmp_path):
    """Settings whose roles are played by a planted server."""
    async with rehearsal(Script(player=Planted.scattered(AXES, 20, seed=1))) as server:
        roles = {
            role: RoleSettings(server="stage", model=f"planted-{role}")
            for role in ("mutator", "target", "judge", "classifier")
        }
        yield load(
            home=tmp_path,
            embedder="hashed",
            servers={"stage": ServerSettings(url=server.url, concurrency=16)},
            roles={"default": roles["judge"], **roles},
        )


async def conduct(run, settings):
    events = []
    ended = await Expedition(run, settings, events.append, RunControl()).conduct()
    return ended, events


async def test_a_run_from_end_to_end(stage):
    run = new_run(PLAN, stage)
    ended, events = await conduct(run, stage)
    assert (ended.status, ended.reason) == ("finished", "all 4 steps done")
    assert [event.kind for event in events if isinstance(event, Reflected)] == ["reflected"] * 2
    with opened(ledger_address(stage)) as ledger:
        found = find_run(ledger, run.id[:5])
        assert found == find_run(ledger, "latest")
        assert found.plan == PLAN
        assert status(ledger, run.id) == "finished"
        by_role = {role.role: role.calls for role in accounts.spending(ledger, run.id)}
        report = read_report(ledger, found, make_domain(PLAN))
    made = PLAN.steps * PLAN.batch
    assert by_role["mutator"] == 2 * made  # one per axis
    fates = [event.fate for event in events if isinstance(event, Explored)]
    asked = made - fates.count("filtered") - fates.count("duplicate")
    assert by_role["target"] == by_role["classifier"] == asked
    duels = [event for event in events if isinstance(event, Explored) and event.verdict]
    assert by_role["judge"] == 4 * len(duels)  # two evaluations in each order
    assert report.fates.elite == fates.count("elite")
    assert report.curve[-1].filled == report.filled


async def test_the_same_plan_gives_the_same_archive(stage):
    archives = []
    for _ in range(2):
        run = new_run(PLAN, stage)
        await conduct(run, stage)
        with opened(ledger_address(stage)) as ledger:
            elites = archive_of(ledger, find_run(ledger, run.id), AXES).elites
        archives.append({cell: (elite.slot, elite.candidate) for cell, elite in elites.items()})
    assert archives[0] == archives[1]


async def test_a_fork_shares_history_and_then_goes_its_own_way(stage):
    parent = new_run(PLAN, stage)
    await conduct(parent, stage)
    plan = make_plan(PLAN.model_dump(mode="json"), steps=6, seed=9)
    branch = new_run(plan, stage, parent=parent, slots=2 * plan.batch)
    ended, events = await conduct(branch, stage)
    assert ended.status == "finished"
    explored = sorted(event.slot for event in events if isinstance(event, Explored))
    assert explored == list(range(2 * plan.batch, 6 * plan.batch))
    with opened(ledger_address(stage)) as ledger:
        whole, forked = find_run(ledger, parent.id), find_run(ledger, branch.id)
        assert archive_of(ledger, whole, AXES, 16).elites == archive_of(ledger, forked, AXES, 16).elites
        assert archive_of(ledger, whole, AXES).elites != archive_of(ledger, forked, AXES).elites
        assert steps_done(ledger, forked) == 6
        report = read_report(ledger, forked, make_domain(plan))
    assert [point.step for point in report.curve] == list(range(6))
    assert report.fates.total == 6 * plan.batch


async def test_resuming_a_finished_run_does_nothing(stage):
    run = new_run(PLAN, stage)
    await conduct(run, stage)
    ended, events = await conduct(run, stage)
    assert (ended.status, ended.reason) == ("finished", "every step is done")
    assert not [event for event in events if isinstance(event, Explored)]


async def test_no_server_at_all_is_one_clear_line_and_can_be_resumed(stage):
    settings = stage.model_copy(update={"servers": {"stage": ServerSettings(url="http://127.0.0.1:9", attempts=1)}})
    run = new_run(PLAN, settings)
    ended, _ = await conduct(run, settings)
    assert ended.status == "failed"
    assert "127.0.0.1:9" in ended.reason
    assert "\n" not in ended.reason
    ended, _ = await conduct(run, stage)
    assert ended.status == "finished"
    assert write_report(stage, run.id)[0].stat().st_size > 10_000
