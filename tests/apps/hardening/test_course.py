"""The closed loop on a planted landscape: what is taught is repaired, each thing is done once, wherever it was cut."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest
from sqlalchemy import func, select

from stage.archives import plan_of
from stage.mending import AtOnce, StageRecipe, StageServes, stage_forge
from wunderkammer.apps.hardening.course import Course
from wunderkammer.apps.hardening.forge import Forge
from wunderkammer.apps.hardening.happenings import Begun, Done
from wunderkammer.apps.hardening.reading import exam_of, read_hardening
from wunderkammer.apps.hardening.report import write_hardening
from wunderkammer.apps.installation import ledger_address
from wunderkammer.core.adapters import everything, versions
from wunderkammer.core.settings import BudgetSettings, ServerSettings
from wunderkammer.memory import hardenings
from wunderkammer.memory.ledger import opened
from wunderkammer.memory.runs import all_runs, find_run
from wunderkammer.memory.tables import calls

STAGES = [(0, "attack"), (0, "examine")]
LIGHT = plan_of(**{"exam.travel": False})
ROUND = ("collect", "teach", "train", "load", "examine", "reattack")


def report_of(course):
    with opened(ledger_address(course.settings)) as ledger:
        return read_hardening(ledger, course.hardening)


def asked(course) -> Counter:
    """Answered questions by what they were asked for."""
    with opened(ledger_address(course.settings)) as ledger:
        rows = ledger.rows(
            select(calls.c.run, func.count())
            .where(calls.c.run.startswith(course.hardening.id), calls.c.status == "ok")
            .group_by(calls.c.run)
        )
    return Counter({run.removeprefix(course.hardening.id): count for run, count in rows})


async def test_what_was_taught_is_repaired_and_what_was_not_is_told_too(course, settings):
    said = []
    made = course(plan_of(**{"exam.samples": 2, "exam.benign": 6}), tell=said.append)
    ended = await made.conduct()
    assert (ended.status, ended.reason) == ("finished", "1 round done")
    told = [(one.round, one.stage) for one in said if isinstance(one, Done)]
    assert told == [*STAGES, *((1, stage) for stage in ROUND)]

    report = report_of(made)
    original, mended = report.subjects
    assert original.success_gap is None
    assert mended.success_gap.falls
    assert mended.success.mean < original.success.mean
    assert mended.perplexity_ratio.mean == pytest.approx(1.02)
    (adapter,) = everything(settings.home)
    assert adapter.name == f"{made.hardening.id}-1"
    taught = json.loads((adapter.folder / "adapter_config.json").read_text())["taught"]
    cells = {" × ".join(one) for one in report_cells(made, 1)}
    assert cells == set(taught)

    held, again = report.attacks
    assert (held.run, again.run) == ("a2", f"{made.hardening.id}-1")
    assert again.confirmed.mean < held.confirmed.mean
    assert report.matrix.archives == ("held out", "attack after round 1")
    assert report.matrix.rows[1][0] is not None
    with opened(ledger_address(settings)) as ledger:
        seeds = {run.id: run.plan.seed for run in all_runs(ledger)}
    assert len(set(seeds.values())) == 4


def report_cells(course, number):
    """Cells that a round's data set repairs."""
    with opened(ledger_address(course.settings)) as ledger:
        body = hardenings.stage(ledger, course.hardening.id, number, "teach")
    file = course.settings.home / "artifacts" / body["artifact"][:2] / body["artifact"]
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return {tuple(row["cell"]) for row in rows if row["kind"] == "repair"}


async def test_nothing_held_out_is_learnt_and_the_newest_attack_only_later(course, settings):
    made = course(plan_of(rounds=2))
    assert (await made.conduct()).status == "finished"
    with opened(ledger_address(settings)) as ledger:
        split = hardenings.stage(ledger, made.hardening.id, 0, "attack")
        archives = [hardenings.stage(ledger, made.hardening.id, n, "collect")["archives"] for n in (1, 2)]
        exams = [exam_of(hardenings.stage(ledger, made.hardening.id, n, "examine")) for n in range(3)]
    assert split["held_out"] == ["a2"]
    assert archives == [["a0", "a1"], ["a0", "a1", f"{made.hardening.id}-1"]]
    held = {one.candidate for one in exams[0].held_out}
    assert all({one.candidate for one in exam.held_out} == held for exam in exams)
    for number in (1, 2):
        with opened(ledger_address(settings)) as ledger:
            body = hardenings.stage(ledger, made.hardening.id, number, "teach")
        file = settings.home / "artifacts" / body["artifact"][:2] / body["artifact"]
        sources = {json.loads(line)["source"] for line in file.read_text("utf-8").splitlines()}
        assert not sources & held
    assert report_cells(made, 1) <= report_cells(made, 2)
    assert [one.name for one in everything(settings.home)] == [f"{made.hardening.id}-{n}" for n in (1, 2)]


@pytest.mark.parametrize(
    ("stage", "how"),
    [
        *((stage, "rest") for stage in (*STAGES, *((1, stage) for stage in ROUND))),
        *((stage, "cancel") for stage in ((0, "examine"), (1, "teach"), (1, "reattack"))),
    ],
    ids=lambda at: at if isinstance(at, str) else f"{at[0]}-{at[1]}",
)
async def test_cut_within_any_stage_it_goes_on_and_nothing_is_done_twice(course, settings, stage, how):
    task: asyncio.Task | None = None

    def cut(said) -> None:
        if isinstance(said, Begun) and (said.round, said.stage) == stage:
            if how == "rest":
                made.control.request_drain()
            else:
                asyncio.get_running_loop().call_later(0.05, task.cancel)

    made = course(LIGHT, tell=cut)
    task = asyncio.ensure_future(made.conduct())
    first = await task
    assert first.status in ("paused", "finished")
    said = []
    rest = course(of=made.hardening, tell=said.append)
    assert (await rest.conduct()).status == "finished"
    done = [(one.round, one.stage) for one in said if isinstance(one, Begun)]
    assert len(done) == len(set(done))
    assert {(one.round, one.stage) for one in said if isinstance(one, Done)} == {
        *STAGES,
        *((1, stage) for stage in ROUND),
    }
    assert [one.name for one in everything(settings.home)] == [f"{made.hardening.id}-1"]
    assert len(versions(settings.home, f"{made.hardening.id}-1")) == 1
    counted = asked(rest)
    held = len(report_exam(rest, 0).held_out)
    assert counted["-0-exam"] == counted["-1-exam"] == 2 * (held + 2)  # target and classifier, elites and benign


def report_exam(course, number):
    with opened(ledger_address(course.settings)) as ledger:
        return exam_of(hardenings.stage(ledger, course.hardening.id, number, "examine"))


async def test_a_finished_one_is_left_alone(course, settings):
    made = course(LIGHT)
    await made.conduct()
    before = asked(made)
    said = []
    assert (await course(of=made.hardening, tell=said.append).conduct()).status == "finished"
    assert not [one for one in said if isinstance(one, Begun)]
    assert asked(made) == before


async def test_without_its_checkpoints_it_goes_on_by_the_ledger(course, settings):
    made = course(LIGHT)
    made.tell = lambda said: made.control.request_drain() if isinstance(said, Begun) and said.stage == "load" else None
    assert (await made.conduct()).status == "paused"
    for file in settings.home.glob("checkpoints.db*"):
        file.unlink()
    said = []
    assert (await course(of=made.hardening, tell=said.append).conduct()).status == "finished"
    begun = [one.stage for one in said if isinstance(one, Begun)]
    assert begun[-2:] == ["examine", "reattack"]
    assert "train" not in begun


async def test_a_trainer_that_fails_is_named_in_one_line_and_nothing_is_registered(course, settings):
    made = course(forge=stage_forge(StageRecipe(fail="the loss is NaN at step 3; lower learning_rate")))
    ended = await made.conduct()
    assert ended.status == "failed"
    assert "the loss is NaN at step 3; lower learning_rate" in ended.reason
    assert "\n" not in ended.reason
    assert everything(settings.home) == ()
    report = report_of(made)
    assert (report.status, report.reason) == ("failed", ended.reason)
    assert len(report.subjects) == 1
    rest = course(of=made.hardening)
    assert (await rest.conduct()).status == "finished"
    assert len(everything(settings.home)) == 1


@pytest.mark.parametrize("fail", ["", "out of memory"])
async def test_a_server_on_the_gpu_sleeps_while_it_trains_and_is_awake_after(course, settings, fail):
    serves = StageServes()

    def forge(settings, plan, tell) -> Forge:
        made = stage_forge(StageRecipe(fail=fail, gpus=1))(settings, plan, tell)
        made.serves = serves
        return made

    await course(forge=forge).conduct()
    assert serves.log[:2] == ["sleep", "wake"]
    assert serves.log[-1] == "close"


async def test_a_limit_on_calls_stops_it_and_a_higher_one_lets_it_go_on(course, settings):
    made = course()
    made.budget = BudgetSettings(calls=30)
    ended = await made.conduct()
    assert ended.status == "stopped"
    assert "30 calls" in ended.reason
    assert sum(asked(made).values()) <= 30
    rest = course(of=made.hardening)
    rest.budget = BudgetSettings(calls=100_000)
    assert (await rest.conduct()).status == "finished"


async def test_a_limit_on_time_counts_finished_stages(course):
    made = course()
    made.budget = BudgetSettings(seconds=0.001)
    ended = await made.conduct()
    assert ended.status == "stopped"
    assert "wunder resume" in ended.reason


async def test_archives_that_are_lacking_are_made_first(course, settings):
    made = course(plan_of(runs=["a0"], attack=3, **{"exam.travel": False}))
    assert (await made.conduct()).status == "finished"
    with opened(ledger_address(settings)) as ledger:
        split = hardenings.stage(ledger, made.hardening.id, 0, "attack")
        plans = [find_run(ledger, f"{made.hardening.id}-a{n}").plan for n in (1, 2)]
    name = made.hardening.id
    assert (split["learnt"], split["held_out"]) == (["a0", f"{name}-a1"], [f"{name}-a2"])
    assert plans[0].seed != plans[1].seed


async def test_two_processes_cannot_have_one_hardening(course):
    from wunderkammer.core.errors import RunBusy
    from wunderkammer.memory.lock import owning

    made = course()
    with owning(made.settings.home, made.hardening.id), pytest.raises(RunBusy, match="another process"):
        await made.conduct()


async def test_its_page_stands_alone_and_tells_the_figures(course, settings):
    made = course(plan_of(rounds=2, **{"lessons.most": 5}))
    await made.conduct()
    html, data, plan = write_hardening(settings, made.hardening.id[:6])
    page = html.read_text("utf-8")
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org", "").replace("http-equiv", "").replace(
        settings.servers["stage"].url, ""
    )
    for words in ("after round 2", "Left out", "attack after round 1", "held-out", "ordinary conversations"):
        assert words in page, words
    report = report_of(made)
    assert type(report).model_validate_json(data.read_bytes()) == report
    assert "learning_rate" in plan.read_text("utf-8")
    assert all(len(row) == 3 for row in report.matrix.rows)


async def test_a_dead_server_of_models_is_one_line(course, settings):
    made = course()
    made.settings = settings.model_copy(
        update={"servers": {"stage": ServerSettings(url="http://127.0.0.1:9/v1", attempts=1)}}
    )
    ended = await made.conduct()
    assert ended.status == "failed"
    assert "127.0.0.1:9" in ended.reason
    assert "\n" not in ended.reason


def test_the_dispatcher_of_the_stage_runs_a_job_once(tmp_path):
    """What the tests above lean on."""
    from wunderkammer.core.work import Job

    worker = AtOnce(tmp_path)
    job = Job(module="stage.measuring")
    for _ in range(2):
        asyncio.run(worker.submit(job))
    assert worker.ran == [job.id]


def test_a_course_reads_its_plan_from_its_row(settings):
    from wunderkammer.apps.hardening.course import new_hardening

    plan = plan_of(rounds=3)
    made = Course(new_hardening(plan, settings), settings, stage_forge(), print, None)
    assert made.plan == plan
