"""Autonomous runs in the chat: begun with a budget only, priced, shown with their verdict, compared, steered."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator

import pytest

from stage.wanders import WAITING, WANDER, keep_wander
from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.agents.guide.tool import Bounds, Price, WrongCall
from wunderkammer.apps.chat.errands import Errand
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.chat.tools import toolbox
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import load
from wunderkammer.memory import inbox
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.lock import owning


@pytest.fixture
def office(home) -> Iterator[Office]:
    settings = load(start=home, home=home, embedder="hashed", jobs={"environments": {"finetune": sys.executable}})
    with opened(address_of(home)) as ledger:
        yield Office(settings, ledger)


def use(office: Office, name: str, **given: object) -> Sheet:
    box = toolbox(office)

    async def go() -> Sheet:
        try:
            return await box.tools[name].do(box.checked(box.tools[name], given), "key")
        finally:
            await office.ledger.flush()

    return asyncio.run(go())


def price(office: Office, **given: object) -> Price:
    box = toolbox(office)
    tool = box.tools["start_everything"]
    assert tool.price is not None
    return asyncio.run(tool.price(box.checked(tool, given)))


def test_it_is_begun_by_the_command_line_with_its_budget(office, started) -> None:
    sheet = use(office, "start_everything", only=("rainbow-skills",), without=("study",), minutes=30, gpu_minutes=5)

    ((_, *words),) = started
    assert words[:5] == ["run", "--only=rainbow-skills", "--without=study", "--minutes=30.0", "--gpu-minutes=5.0"]
    assert dict(sheet.facts)["may choose"] == "search rainbow-skills, harden rainbow-skills"


def test_without_an_end_it_is_not_begun(office, started) -> None:
    with pytest.raises(WrongCall, match="it needs an end: minutes, calls or money"):
        use(office, "start_everything", only=("rainbow-skills",))
    with pytest.raises(ConfigError, match="unknown domain 'maze'"):
        use(office, "start_everything", only=("maze",), minutes=1)

    assert started == []


def test_its_price_is_its_budget_and_fine_tuning_is_always_asked_for(office) -> None:
    mild = price(office, without=("harden",), calls=50, minutes=5)
    tuning = price(office, calls=50, minutes=5)

    assert (mild.calls, mild.minutes) == (50, 5)
    assert not Bounds().exceeded(mild)
    assert Bounds().exceeded(tuning)
    assert "fine-tuning" in tuning.why


def test_it_is_shown_with_what_it_came_to(office, home) -> None:
    keep_wander(home)
    sheet = use(office, "show_run", run=WANDER[:6])
    facts = dict(sheet.facts)

    assert facts["calls"] == "0 of 100"
    assert facts["why"] == "the budget of 100 calls is used up"
    assert facts["open-ended"] == "It was not open-ended, for observer deflate-32k; rainbow-safety was learnable only."
    assert facts["not yet harden rainbow-safety"] == WAITING["harden rainbow-safety"]
    assert sheet.rows[0][:5] == ("search rainbow-safety", 2, 0, 0.2, 10.0)


def test_its_parts_do_not_stand_in_its_way(office, home) -> None:
    keep_wander(home)
    with owning(home, WANDER), owning(home, f"{WANDER}-rainbow-safety"):
        assert [one.id for one in office.running()] == [WANDER]
        use(office, "steer_run", message="harden safety")
        use(office, "pause_run")

    assert [text for _, text, _ in inbox.messages(office.ledger, WANDER)] == ["harden safety", "pause"]
    assert office.find(f"{WANDER}-rain").kind == "run"


def test_autonomous_runs_compare_with_each_other_alone(office, home) -> None:
    other = "w" + "f" * 11
    keep_wander(home)
    keep_wander(home, other, choices=3)
    sheet = use(office, "compare_runs", runs=(WANDER, other))
    rows = {row[0]: row[1:] for row in sheet.rows}

    assert sheet.columns == ("", WANDER, other)
    assert rows["discoveries"] == (10.0, 15.0)
    assert rows["share of search rainbow-safety"] == pytest.approx((0.2, 0.3))
    with pytest.raises(ConfigError, match="searches compare with searches"):
        use(office, "compare_runs", runs=(WANDER, f"{WANDER}-rainbow-safety"))


def test_a_search_is_shown_with_the_verdict_so_far(office) -> None:
    said = dict(use(office, "show_run").facts)["open-ended"]

    assert "after " in said
    assert "for deflate-32k" in said


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("run 4f1c22aa90d2 of rainbow-skills", "4f1c22aa90d2"),
        ("study sa231fa73c22 of search-study", "sa231fa73c22"),
        ("hardening ha5d493a169f of rainbow-skills", "ha5d493a169f"),
        ("autonomous w0123456789a", "w0123456789a"),
        ("hardening w0123456789a-rainbow-skills-harden-0 of x", "w0123456789a-rainbow-skills-harden-0"),
        ("run is a word, study too", ""),
    ],
)
def test_an_errand_is_known_by_the_first_line_of_what_it_says(tmp_path, line, name) -> None:
    (tmp_path / "log.txt").write_text(f"a warning\n{line}\nfinished\n")

    assert Errand(tmp_path).name == name
