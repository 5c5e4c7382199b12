"""Operations over a home with one finished run: what they find, what they refuse, what they write."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from wunderkammer.agents.guide.sheet import MOST_CHARS, Sheet, told
from wunderkammer.agents.guide.tool import Bounds, Price, Toolbox, WrongCall
from wunderkammer.apps.chat import errands
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.chat.tools import toolbox
from wunderkammer.core.errors import ConfigError, WunderError
from wunderkammer.core.settings import load
from wunderkammer.memory import inbox
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.lock import owning


@pytest.fixture
def office(home) -> Iterator[Office]:
    with opened(address_of(home)) as ledger:
        yield Office(load(start=home, home=home, embedder="hashed"), ledger)


def use(office: Office, name: str, **given: object) -> Sheet:
    """What a tool finds with these arguments, in a loop of its own."""
    box: Toolbox = toolbox(office)
    tool = box.tools[name]

    async def go() -> Sheet:
        try:
            return await tool.do(box.checked(tool, given), "key")
        finally:
            await office.ledger.flush()

    return asyncio.run(go())


def facts(sheet: Sheet) -> dict[str, object]:
    return dict(sheet.facts)


def test_runs_and_one_of_them(office) -> None:
    listed = use(office, "list_runs")
    shown = facts(use(office, "show_run"))

    assert (listed.title, listed.rows[0][4]) == ("1 run", "finished")
    assert use(office, "list_runs", status="running").rows == ()
    assert shown["steps"] == "6 of 6"
    assert shown["QD score"] > 0


def test_the_latest_events_are_foreign_words(office) -> None:
    sheet = use(office, "watch_run", count=5)

    assert len(sheet.rows) == 5
    assert sheet.foreign


def test_the_archive_is_asked_by_cell_text_and_fitness(office) -> None:
    everything = use(office, "query_archive", count=200)
    first = everything.rows[0]
    by_cell = use(office, "query_archive", where={"Risk": first[0], "style": first[1]})
    by_text = use(office, "query_archive", text=str(first[-1])[:30])
    best = use(office, "query_archive", min_fitness=first[2])

    assert by_cell.rows == (first,)
    assert first in by_text.rows
    assert all(row[2] >= first[2] for row in best.rows)
    assert [row[2] for row in everything.rows] == sorted((row[2] for row in everything.rows), reverse=True)
    with pytest.raises(ConfigError, match="there is no axis 'colour'"):
        use(office, "query_archive", where={"colour": "red"})


def test_a_candidate_is_explained(office) -> None:
    name = use(office, "query_archive").rows[0][-2]
    sheet = use(office, "explain_candidate", candidate=name)

    assert facts(sheet)["holds it now"] is True
    assert sheet.text
    assert sheet.foreign


def test_the_nearest_texts_are_found(office) -> None:
    row = use(office, "query_archive").rows[0]
    found = use(office, "find_texts", text=row[-1], count=3)

    assert found.rows[0][2] == row[-2]


def test_findings_and_spending(office) -> None:
    listed = use(office, "list_findings")
    shown = use(office, "show_finding", finding=listed.rows[0][0])
    spent = use(office, "spend_report", run="latest")

    assert shown.title == listed.rows[0][-1]
    assert facts(shown)["refuted by"]
    assert facts(spent)["calls"] == sum(row[1] for row in spent.rows) > 48
    assert use(office, "spend_report").rows == spent.rows  # there is nothing else yet


@pytest.mark.parametrize("figure", ["coverage", "tokens", "archive"])
def test_a_plot_is_a_drawing_in_home(office, home, figure) -> None:
    (file,) = use(office, "draw_plot", figure=figure, file="mine").files

    assert file == str(home / "plots" / "mine.svg")
    assert ElementTree.parse(file).getroot().tag.endswith("svg")


def test_a_run_beside_itself_is_no_comparison(office) -> None:
    name = office.run("latest").id
    sheet = use(office, "compare_runs", runs=(name, name))

    assert sheet.columns == ("", name)


def test_who_does_not_run_is_not_paused(office) -> None:
    with pytest.raises(ConfigError, match="is not running: it is finished"):
        use(office, "pause_run")
    with pytest.raises(ConfigError, match="is finished"):
        use(office, "resume_run")


def test_a_run_at_work_hears_what_it_is_told(office, home) -> None:
    name = office.run("latest").id
    with owning(home, name):
        use(office, "steer_run", message="focus slang")
        use(office, "pause_run")
        with pytest.raises(ConfigError, match="running already"):
            use(office, "resume_run")

    assert [text for _, text, _ in inbox.messages(office.ledger, name)] == ["focus slang", "pause"]


@pytest.mark.parametrize(
    ("tool", "given", "said"),
    [
        ("start_run", {"domain": "nope"}, "unknown domain"),
        ("start_run", {"domain": "rainbow-skills", "preset": "mine.toml"}, "has no preset"),
        ("start_run", {"domain": "rainbow-skills", "ablate": "everything"}, "unknown ablation"),
        ("start_run", {"domain": "search-study"}, "is a study"),
        ("run_study", {"domain": "rainbow-skills"}, "there is no study"),
        ("harden_model", {"runs": ("zzzz",)}, "no run"),
        ("show_run", {"run": "zzzz"}, "nothing here goes by"),
    ],
)
def test_what_cannot_be_is_said_before_anything_starts(office, home, tool, given, said) -> None:
    with pytest.raises(WunderError, match=said):
        use(office, tool, **given)

    assert not (home / "errands").exists()


@pytest.mark.parametrize("given", [{"run": "--config=x"}, {"run": "a/b"}, {"walk": "x"}, {"run": ""}])
def test_arguments_are_checked(office, given) -> None:
    box = toolbox(office)
    with pytest.raises(WrongCall):
        box.checked(box.tools["show_run"], given)


def test_a_price_follows_from_experience(office) -> None:
    box = toolbox(office)

    def price(**given: object) -> Price:
        tool = box.tools["start_run"]
        assert tool.price is not None
        return asyncio.run(tool.price(box.checked(tool, {"domain": "rainbow-safety", "batch": 8, **given})))

    small, large = price(steps=6), price(steps=600)
    spent = facts(use(office, "show_run"))["calls"]

    assert small.calls == pytest.approx(spent, rel=0.05)  # the same search again
    assert large.calls == pytest.approx(100 * small.calls, rel=0.01)
    assert price(steps=600, calls=50).calls == 50
    assert Bounds().exceeded(large)
    assert not Bounds().exceeded(price(steps=600, calls=50, minutes=1))


def test_a_long_sheet_is_told_in_part() -> None:
    rows = tuple((place, "word " * 40) for place in range(500))
    words = told("list_runs", Sheet(title="many", columns=("n", "text"), rows=rows))

    assert len(words) < MOST_CHARS + 400
    assert '"rows_left_out"' in words


def test_an_errand_is_alive_while_one_program_takes_the_place_of_another(home: Path) -> None:
    script = home / "again.sh"
    script.write_text('exec /bin/sh "$0" wunderkammer\n', "utf-8")
    with subprocess.Popen(["/bin/sh", str(script), "wunderkammer"]) as process:
        errand = errands.Errand(home)
        (home / "pid").write_text(str(process.pid), "utf-8")
        try:
            assert all(errand.alive for _ in range(5_000))
        finally:
            process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and nobody has asked how it ended
        assert not errand.alive


def test_an_errand_that_cannot_begin_says_why(home) -> None:
    errand = errands.begin(home, "k1", ["runs", "show", "zzzz", f"--home={home}"])
    again = errands.begin(home, "k1", ["runs"])

    async def name() -> str:
        return await errands.named(errand, lambda: "")

    with pytest.raises(WunderError, match="no run 'zzzz'"):
        asyncio.run(name())
    assert again == errand
    assert "show" in (errand.folder / "command.json").read_text("utf-8")
