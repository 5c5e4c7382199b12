"""What an autonomous run may do, what it refuses to begin without, and what its report counts."""

from __future__ import annotations

import sys

import pytest

from wunderkammer.apps.autonomy.activities import Offer, autonomous_plan, everything
from wunderkammer.apps.autonomy.conduct import new_wander
from wunderkammer.apps.autonomy.report import read_wander, write_wander
from wunderkammer.apps.hardening.plan import make_harden_plan
from wunderkammer.apps.installation import ledger_address, make_domain
from wunderkammer.core.autonomy import Activity, Costs
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.events import Acted, Chosen, Ended
from wunderkammer.core.plan import make_plan
from wunderkammer.core.settings import BudgetSettings, Settings, load
from wunderkammer.core.study import make_study
from wunderkammer.domains.paired.maze_levels import MazeSearch
from wunderkammer.memory import runs, ventures
from wunderkammer.memory.ledger import opened


@pytest.fixture
def settings(tmp_path) -> Settings:
    """With an environment in which the embedded model can be tuned."""
    return load(start=tmp_path, home=tmp_path, jobs={"environments": {"finetune": sys.executable}})


def arms(offer: Offer) -> list[str]:
    return [activity.arm for activity in offer.activities]


def test_everything_that_is_installed_is_there_with_a_plan_of_its_own(settings) -> None:
    found = everything(settings, [], []).activities
    there = {activity.arm for activity in found}

    assert {"search rainbow-skills", "harden rainbow-skills", "study search-study"} <= there
    assert len(there) == len(found)
    for activity in found:
        if activity.action == "search":
            plan = make_plan(dict(activity.plan))
            assert make_domain(plan).name == activity.subject
        elif activity.action == "harden":
            plan = make_harden_plan("slice", {**activity.plan, "search": {"domain": activity.subject}})
        else:
            plan = make_study(activity.plan)
        assert plan.budget == BudgetSettings()


def test_it_can_be_narrowed(settings) -> None:
    only = ["rainbow-skills", "search-study"]
    assert arms(everything(settings, only, ["study"])) == ["search rainbow-skills", "harden rainbow-skills"]
    assert arms(everything(settings, only, ["study", "harden"])) == ["search rainbow-skills"]
    assert not [arm for arm in arms(everything(settings, [], ["rainbow-safety"])) if "rainbow-safety" in arm]
    with pytest.raises(ConfigError, match="unknown domain 'maze'"):
        everything(settings, ["maze"], [])
    with pytest.raises(ConfigError, match="nothing is left to do"):
        everything(settings, ["rainbow-skills"], ["search"])


def test_what_cannot_be_tuned_here_is_left_out_in_one_line(settings) -> None:
    elsewhere = settings.with_role("target", "http://127.0.0.1:9/v1#llama")
    bare = load(start=settings.home, home=settings.home, jobs={"environments": {"finetune": "/nowhere/python"}})

    for cast, why in ((elsewhere, "nobody here can load an adapter"), (bare, "no Python there")):
        offer = everything(cast, [], [])
        assert not [arm for arm in arms(offer) if arm.startswith("harden ")]
        (line,) = [line for line in offer.left_out if line.startswith("nothing is hardened: ")]
        assert why in line


def test_a_study_whose_jobs_have_no_environment_is_left_out_in_one_line(settings) -> None:
    bare = load(start=settings.home, home=settings.home, jobs={"environments": {"worlds": "/nowhere/python"}})

    offer = everything(bare, ["paired-study", "search-study"], [])

    assert arms(offer) == ["study search-study"]
    (line,) = offer.left_out
    assert line.startswith("paired-study is not studied: ")
    assert "/nowhere/python" in line


def test_a_domain_whose_packages_are_missing_is_left_out_in_one_line(settings, monkeypatch) -> None:
    monkeypatch.setattr(MazeSearch, "packages", ("no_such_package",))

    offer = everything(settings, ["maze-levels", "rainbow-skills"], ["harden"])

    assert arms(offer) == ["search rainbow-skills"]
    assert offer.left_out == ("maze-levels is not searched: no_such_package is not installed",)


def test_a_learned_world_is_searched_where_it_is_a_trained_one(settings) -> None:
    only = ["genie-worlds", "search-study"]
    video = {"environments": {"video": sys.executable}}
    plain, given = (
        load(start=settings.home, home=settings.home, jobs=video, **more)
        for more in ({}, {"autonomous": {"genie-worlds": {"world": "worlds/coinrun", "film": "film"}}})
    )

    offer = everything(plain, only, [], "smoke")
    search, _ = everything(given, only, []).activities
    shipped, _ = everything(plain, only, []).activities

    assert make_plan(dict(shipped.plan)).options["world"] == "coinrun"
    assert arms(offer) == ["study search-study"]
    assert offer.left_out == (
        "genie-worlds is not searched: its world of squares has learned next to nothing; "
        'world = "FOLDER" names one of `wunder genie train`, under [autonomous.genie-worlds] of wunder.toml',
    )
    with pytest.raises(ConfigError, match="nothing is left to do: genie-worlds is not searched: its world"):
        everything(plain, ["genie-worlds"], [], "smoke")
    assert make_plan(dict(search.plan)).options["world"] == "worlds/coinrun"
    assert make_plan(dict(search.plan)).options["forms"] == ["edits"]  # as the preset has it


def test_options_of_the_settings_are_checked_before_anything_begins(settings) -> None:
    def told(**options: dict) -> Settings:
        return load(start=settings.home, home=settings.home, autonomous=options)

    with pytest.raises(ConfigError, match="unknown domain 'mazes'"):
        everything(told(mazes={"size": 9}), [], [])
    with pytest.raises(ConfigError, match="options of maze-levels: size"):
        everything(told(**{"maze-levels": {"size": 1}}), ["maze-levels"], [])


def test_a_preset_is_of_hardenings_too(settings) -> None:
    (_, smoke) = everything(settings, ["rainbow-skills"], [], "smoke").activities
    (_, own) = everything(settings, ["rainbow-skills"], []).activities

    assert smoke.plan["training"]["steps"] == 4
    assert own.plan["lessons"]["most"] == 128
    assert own.gpus == 0


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ((), "an autonomous run needs an end: --minutes, --calls, --tokens or --money"),
        (("--minutes", "5", "--steps", "3"), "--steps needs a domain"),
        (("--minutes", "5", "-o", "samples=3"), "-o needs a domain"),
        (("--minutes", "5", "--without", "maze"), "unknown domain 'maze'"),
        (("--calls", "0"), "--calls 0: a limit is more than 0"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(wunder, words, fault) -> None:
    typed = wunder("run", *words)

    assert typed.code == 2
    assert fault in typed.err
    assert typed.err.count("\n") == 1


def test_costs() -> None:
    used = Costs(calls=30, tokens=500, seconds=12.0)
    limits = BudgetSettings(calls=100, seconds=60)

    assert used.share(limits) == 0.3
    assert Costs(seconds=1800).share(BudgetSettings()) == 0.5
    assert used.left(limits, Costs(calls=10)).model_dump() == {
        "calls": 80,
        "tokens": None,
        "money": None,
        "seconds": 48.0,
    }
    assert used.exceeded(limits) == ""
    assert used.plus(Costs(calls=70)).exceeded(limits) == "the budget of 100 calls is used up"
    assert used.minus(Costs(calls=40, tokens=100)) == Costs(tokens=400, seconds=12.0)


def test_the_report_sets_both_planners_side_by_side(tmp_path) -> None:
    settings = load(home=tmp_path)
    activities = [
        Activity(action="search", subject="rainbow-skills"),
        Activity(action="search", subject="rainbow-safety"),
    ]
    plan = autonomous_plan(activities, 0, {"calls": 100}, None)
    venture = new_wander(plan, settings)
    a, b = (activity.arm for activity in activities)
    #        taken, by, the bandit's, the model's, gain
    story = [(a, "bandit", a, "", 5.0), (b, "model", a, b, 2.0), (a, "bandit", a, b, 4.0), (a, "model", a, a, 3.0)]
    with opened(ledger_address(settings)) as ledger:
        ventures.begin(ledger, venture)
        for step, (arm, by, bandit, model, gain) in enumerate(story):
            part = f"{venture.id}-{arm.split()[1]}"
            chosen = Chosen(step=step, arm=arm, by=by, reason="<b>why</b>", bandit=bandit, model=model, part=part)
            runs.tell(ledger, venture.id, chosen, key=str(step))
            acted = Acted(step=step, arm=arm, part=part, gain=gain, cost=0.1, spent=Costs(calls=10))
            runs.tell(ledger, venture.id, acted, key=str(step))
        runs.tell(ledger, venture.id, Ended(status="stopped", reason="the budget of 100 calls is used up"))
        ledger.flush_now()
        report = read_wander(ledger, venture)
    page, data = write_wander(settings, venture.id)

    said = report.opinions
    assert (said.asked, said.agreed, said.followed, said.overruled) == (3, 1, 1, 1)
    assert (said.rate_followed, said.rate_overruled, said.rate_agreed) == (20.0, 40.0, 30.0)
    assert [(line.arm, line.chosen, line.gain) for line in report.lines] == [(a, 3, 12.0), (b, 1, 2.0)]
    assert report.reason == "the budget of 100 calls is used up"
    assert "<b>why" not in page.read_text()
    assert "overruled 1 times" in page.read_text()
    assert '"status":"stopped"' in data.read_text().replace(": ", ":")
