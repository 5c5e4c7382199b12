"""The live view: what it shows, drawn while events come in, and nothing that a model says is a command to it."""

from __future__ import annotations

import io
import threading
from pathlib import Path

import pytest
from rich.console import Console

from wunderkammer.apps.cli.live import Plain, Watch, watching
from wunderkammer.core.events import Ended, Explored, Heard, Remembered, Resumed, Spent
from wunderkammer.core.plan import make_plan
from wunderkammer.core.settings import Settings
from wunderkammer.memory.runs import Run

CELL = ("arithmetic", "slang")


def explored(slot: int, fate: str = "elite", text: str = "what's 2 plus 2", cell=CELL) -> Explored:
    return Explored(slot=slot, candidate=f"c{slot}", text=text, fate=fate, cell=cell, score=0.5, fitness=0.5)


def spent(calls: int) -> Spent:
    return Spent(calls=calls, prompt_tokens=900, completion_tokens=100, cost=0.25, errors=0, in_flight=3)


def remembered(step: int) -> Remembered:
    return Remembered(step=step, filled=1, cells=100, qd_score=0.5, accepted=1, seconds=1.0)


@pytest.fixture
def canvas() -> Console:
    return Console(file=io.StringIO(), width=140, force_terminal=True)


@pytest.fixture
def watch(canvas) -> Watch:
    plan = make_plan({"domain": "rainbow-skills", "steps": 10, "budget": {"calls": 100}})
    return Watch(Run("4f1c", "rainbow-skills", plan, {}, None, 0, 0.0), Settings(), canvas)


def drawn(watch: Watch) -> str:
    canvas = Console(file=io.StringIO(), width=140)
    canvas.print(watch)
    return canvas.file.getvalue()


def test_it_counts_the_cells_that_the_options_leave(canvas):
    options = {"references": ["bot-0.5", "bot-0.95"]}
    plan = make_plan({"domain": "madrid", "steps": 1, "budget": {"calls": 1}, "options": options})
    one = Watch(Run("4f1c", "madrid", plan, {}, None, 0, 0.0), Settings(), canvas)
    assert "0 of 320" in drawn(one)


def test_it_shows_where_the_run_stands(watch):
    for event in (explored(0), explored(1, "lost"), remembered(2), spent(40)):
        watch.tell(event)
    view = drawn(watch)
    for words in (
        "1 of 100",
        "3 of 10",
        "40  (3 in flight, 0 errors)",
        "1,000",
        "0.2500",
        "arithmetic × slang",
        "2 plus 2",
    ):
        assert words in view


def test_a_resumed_run_shows_what_stood_before(watch):
    watch.tell(Resumed(step=7, seconds=3600, elites=((CELL, 0.9), (("dates", "story"), None))))
    view = drawn(watch)
    assert "2 of 100" in view
    assert "7 of 10" in view
    assert "1:00:0" in view


def test_events_may_come_while_it_is_drawn(watch):
    over = threading.Event()

    def draw() -> None:
        while not over.is_set():
            drawn(watch)

    faults = []
    threading.excepthook, before = (lambda raised: faults.append(raised.exc_value)), threading.excepthook
    artist = threading.Thread(target=draw)
    artist.start()
    try:
        for slot in range(1, 400):
            watch.tell(explored(slot, "elite", cell=("dates", "story") if slot % 2 else CELL))
            watch.say(f"note {slot}")
    finally:
        over.set()
        artist.join()
        threading.excepthook = before
    assert not faults


def test_words_of_a_model_are_no_commands_to_the_terminal(watch):
    watch.tell(explored(0, text="\x1b[2J\x1b]0;owned\x07[red]markup[/red]\u202e"))
    watch.tell(Heard(text="\x1b[31mred", effect="none"))
    view = drawn(watch)
    assert "\x1b" not in view
    assert "[red]markup[/red]" in view


def test_the_picture_is_an_svg(watch, tmp_path):
    watch.tell(explored(0))
    picture = watch.picture(tmp_path / "run.svg").read_text()
    assert picture.startswith("<svg")
    assert "rainbow-skills" in picture
    assert "@font-face" not in picture  # nothing is fetched from another host


def test_without_a_terminal_there_is_a_line_per_step(capsys):
    plan = make_plan({"domain": "rainbow-skills", "steps": 10})
    run = Run("4f1c", "rainbow-skills", plan, {}, None, 0, 0.0)
    with watching(run, Settings(), quiet=True) as plain:
        assert isinstance(plain, Plain)
        for event in (explored(0), remembered(0), spent(8), Heard(text="focus dates", effect="aiming at dates")):
            plain.tell(event)
    name, *said = capsys.readouterr().out.splitlines()

    assert name == "run 4f1c of rainbow-skills"
    assert said[0] == "step 1/10  cells 1/100  qd 0.50  calls 8  tokens 1000  cost 0.2500  errors 0"
    assert said[1] == "heard “focus dates”: aiming at dates"


def test_the_farewell_says_how_to_go_on(watch, canvas):
    watch.farewell(Ended(status="stopped", reason="the budget is used up"), [Path("reports/x.html")])
    words = canvas.file.getvalue()
    assert "the budget is used up" in words
    assert "reports/x.html" in words
    assert "wunder resume 4f1c" in words


def test_the_farewell_of_a_finished_run_says_what_to_look_at(watch, canvas):
    watch.farewell(Ended(status="finished", reason="all 10 steps done"), [])
    words = canvas.file.getvalue()
    assert "wunder archive show 4f1c" in words
    assert "wunder fork 4f1c --steps 20" in words
    assert "wunder resume" not in words


def test_the_farewell_of_a_failed_run_is_one_line_with_a_way_out(watch, canvas):
    reason = "http://127.0.0.1:1/v1: nobody answers " + "and so on " * 30
    watch.farewell(Ended(status="failed", reason=reason), [])
    first, *rest = canvas.file.getvalue().splitlines()
    assert first.endswith(f": {reason.strip()}")  # longer than the terminal is wide, and not broken for it
    assert any("see what is missing with: wunder doctor" in row for row in rest)
