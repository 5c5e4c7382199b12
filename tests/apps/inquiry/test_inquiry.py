"""A study from the command line to its report, its findings checked against the ledger, and spoilt ones caught."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import update

from stage.arranged import Arranged
from wunderkammer.apps.inquiry.checking import check
from wunderkammer.apps.inquiry.conduct import Inquiry, new_study, studied, studyable
from wunderkammer.apps.installation import ledger_address
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.records import Finding
from wunderkammer.core.settings import BudgetSettings, load
from wunderkammer.core.study import StudyPlan
from wunderkammer.jobs import choice
from wunderkammer.memory.findings import findings_of, keep_finding
from wunderkammer.memory.ledger import opened
from wunderkammer.memory.tables import outcomes

PLAN = StudyPlan(domain="search-study", pairs=10, width=5, seed=3)


@pytest.fixture
def study(wunder, monkeypatch, tmp_path):
    """Types `wunder study`, with jobs that take no time."""
    monkeypatch.setattr(choice, "dispatcher", lambda settings: Arranged(tmp_path / "jobs"))

    def type_it(*words):
        return wunder("study", *words, "--home", tmp_path / "home")

    return type_it


async def test_a_study_finds_what_was_arranged(tmp_path) -> None:
    settings = load(home=tmp_path)
    venture = new_study(PLAN, settings)
    ended = await Inquiry(venture, settings, Arranged(tmp_path / "jobs"), lambda event: None).conduct()

    with opened(ledger_address(settings)) as ledger:
        found = {(f.hypothesis.contrast, f.hypothesis.measure): f for f in findings_of(ledger, venture.id)}
        verdicts = {key: finding.verdict for key, finding in found.items()}
        checks = [check(ledger, finding) for finding in found.values()]
    assert (ended.status, ended.reason) == ("finished", "1 of at most 1 rounds concluded")
    assert verdicts == {
        ("filter=False against filter=True", "self_bleu"): "supported",
        ("filter=False against filter=True", "found"): "supported",
        ("swap=False against swap=True, given favour=30", "found"): "refuted",
        ("biased=False against biased=True", "found"): "refuted",
        ("parents=False against parents=True", "found"): "supported",
    }
    assert [one.faults for one in checks] == [()] * 5


async def test_figures_that_the_ledger_does_not_give_are_caught(tmp_path) -> None:
    settings = load(home=tmp_path)
    venture = new_study(PLAN, settings)
    await Inquiry(venture, settings, Arranged(tmp_path / "jobs"), lambda event: None).conduct()

    with opened(ledger_address(settings)) as ledger:
        finding = findings_of(ledger, venture.id)[0]
        boast = Finding(**{**finding.model_dump(), "statistics": {**finding.statistics, "difference": 0.9}})
        chatter = Finding(**{**finding.model_dump(), "comment": "It is 99 % better."})
        assert check(ledger, boast).faults[0].startswith("difference is written as 0.9 and comes to 0.0")
        assert check(ledger, chatter).faults == ("the comment says 99 %, which no figure does",)

        with ledger.engine.begin() as link:  # somebody mends the evidence
            link.execute(update(outcomes).where(outcomes.c.slot == 0).values(measures={"found": 1.0, "self_bleu": 0.9}))
        assert check(ledger, finding).faults


async def test_a_budget_of_time_ends_a_study_and_its_jobs(tmp_path) -> None:
    settings = load(home=tmp_path)
    slow = Arranged(tmp_path / "jobs", delay_s=0.2)
    inquiry = Inquiry(new_study(PLAN, settings), settings, slow, lambda event: None, budget=BudgetSettings(seconds=1.0))
    ended = await inquiry.conduct()

    assert (ended.status, ended.reason) == ("stopped", "the budget of 1 seconds is used up")
    assert set(slow.cancelled) >= set(slow.submitted) - set(slow.dug)


async def test_cancelled_it_rests_and_leaves_its_jobs(tmp_path) -> None:
    settings, slow = load(home=tmp_path), Arranged(tmp_path / "jobs", delay_s=0.05)
    venture = new_study(PLAN, settings)
    task = asyncio.create_task(Inquiry(venture, settings, slow, lambda event: None).conduct())
    while not slow.dug:
        await asyncio.sleep(0.01)
    task.cancel()
    ended = await task
    again = await Inquiry(venture, settings, fresh := Arranged(tmp_path / "jobs"), lambda event: None).conduct()

    assert ended.status == "paused"
    assert slow.cancelled == []
    assert again.status == "finished"
    assert set(slow.dug).isdisjoint(fresh.dug)


def test_what_cannot_be_studied_is_refused() -> None:
    assert "search-study" in studyable()
    with pytest.raises(ConfigError, match=r"rainbow-skills cannot be studied; these can: .*search-study"):
        studied(StudyPlan(domain="rainbow-skills"))


def test_from_the_command_line_to_the_report(study, wunder, tmp_path) -> None:
    home = ("--home", tmp_path / "home")
    typed = study("search", "--preset", "smoke", "--pairs", 10)
    listed = json.loads(wunder("findings", "--json", *home).out)
    shown = wunder("findings", "show", listed[0]["id"][:8], *home)
    told = json.loads(wunder("findings", "show", listed[0]["id"], "--json", *home).out)

    assert typed.code == 0, typed.err
    assert typed.out.count("?\n") == 6
    assert len(listed) == 6
    assert listed[0]["threshold"] == "mean difference of self_bleu > 0.03"
    assert "every figure follows from the ledger" in " ".join(shown.out.split())
    assert len(told["pairs"]) == 10
    assert "<svg" in (tmp_path / "home" / "reports" / "findings" / f"{listed[0]['id']}.svg").read_text()
    assert wunder("findings", "check", *home).out == "6 of 6 findings follow from the ledger\n"
    refuted = json.loads(wunder("findings", "--verdict", "refuted", "--json", *home).out)
    assert len(refuted) == 3
    assert json.loads(wunder("findings", "--kind", "reflection", "--json", *home).out) == []
    assert json.loads(wunder("studies", "--json", *home).out)[0]["refuted"] == 3
    page, note, data, picture = wunder("report", *home).out.splitlines()
    html = Path(page).read_text()
    assert "<script" not in html
    assert html.count("<article") == 6
    assert "refuted" in Path(note).read_text()
    assert len(json.loads(Path(data).read_text())["findings"]) == 6
    assert Path(picture).read_text().count("<circle") == 6


def test_the_command_of_a_finding_finds_it_again_without_a_job(study, wunder, tmp_path) -> None:
    study("search", "--preset", "smoke", "--pairs", 10)
    home = ("--home", tmp_path / "home")
    (before,) = [one for one in json.loads(wunder("findings", "--json", *home).out) if "parents" in one["claim"]]
    jobs = len(list((tmp_path / "jobs").iterdir()))
    command = before["reproduce"].split()
    assert command[:3] == ["wunder", "study", "search-study"]
    typed = study(*command[2:])
    after = json.loads(wunder("findings", "show", "--json", *home).out)

    assert typed.code == 0, typed.err
    assert after["run"] != before["run"]
    assert {k: after["statistics"][k] for k in ("n", "difference", "low", "high", "p")} == {
        k: before["statistics"][k] for k in ("n", "difference", "low", "high", "p")
    }
    assert after["evidence"] == before["evidence"]
    assert len(list((tmp_path / "jobs").iterdir())) == jobs


def test_resuming_a_finished_study_changes_nothing(study, wunder, tmp_path) -> None:
    study("search", "--preset", "smoke")
    before = wunder("findings", "--home", tmp_path / "home").out
    typed = wunder("resume", "--home", tmp_path / "home")

    assert typed.code == 0, typed.err
    assert re.search(r"study s[0-9a-f]{11} finished", typed.out)
    assert wunder("findings", "--home", tmp_path / "home").out == before


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("maze",), "unknown domain 'maze'"),
        (("rainbow-skills",), "rainbow-skills cannot be studied; these can: "),
        (("search", "--preset", "huge"), "search-study has no preset 'huge'; it has: cpu, slice, smoke"),
        (("search", "--vary", "filter"), "--vary 'filter': write NAME=VALUE"),
        (("search", "--vary", "lemon=1"), "search-study has no setting 'lemon'; it has: filter, "),
        (("search", "--vary", "filter=true"), "must differ"),
        (("search", "--vary", "filter=false", "--measure", "taste"), "no measure 'taste'"),
        (("search", "--vary", "filter=false", "--expects", "more"), "expects"),
        (("search", "--pairs", "1"), "pairs"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(study, words, fault) -> None:
    typed = study(*words)

    assert typed.code == 2
    assert fault in typed.err
    assert typed.err.count("\n") == 1


def test_findings_that_older_programs_wrote_are_read(wunder, tmp_path) -> None:
    settings = load(home=tmp_path / "home")
    old = {"run": "r1", "kind": "reflection", "claim": "Along risk, …", "statistics": {"p": 0.1}, "evidence": ["c"]}
    with opened(ledger_address(settings)) as ledger:
        keep_finding(ledger, Finding(**old))
    (found,) = json.loads(wunder("findings", "--json", "--home", tmp_path / "home").out)

    assert found["verdict"] is None
    assert found["claim"] == old["claim"]


def test_reflections_on_a_search_follow_from_the_ledger(wunder, home) -> None:
    assert wunder("findings", "check", "--home", home).out == "2 of 2 findings follow from the ledger\n"
    shown = wunder("findings", "show", "--home", home).out
    assert "nothing was stated beforehand" in " ".join(shown.split())
