"""Commands as they are typed: with a slash, unmistakably without, and sentences that are neither."""

from __future__ import annotations

import pytest

from wunderkammer.apps.chat.commands import COMMANDS, nearest
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.chat.reading import read_plain, read_slash
from wunderkammer.apps.chat.tools import toolbox
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import load
from wunderkammer.memory.ledger import Ledger

KNOWN = ("4f1c22aa90d2", "81aa00112233")
DOMAINS = ("rainbow-skills", "rainbow-safety", "search-study")


@pytest.fixture
def box(tmp_path):
    ledger = Ledger("sqlite://")
    yield toolbox(Office(load(start=tmp_path, home=tmp_path), ledger))
    ledger._writer.shutdown()
    ledger.engine.dispose()


def test_every_command_is_a_tool_and_every_tool_a_command(box) -> None:
    assert {command.tool for command in COMMANDS} == set(box.tools)
    for command in COMMANDS:
        fields = {field.removesuffix("*") for field in command.fields}
        assert fields <= set(box.tools[command.tool].arguments.model_fields)


@pytest.mark.parametrize(
    ("line", "tool", "given"),
    [
        ("/runs", "list_runs", {}),
        ("/runs finished count=3", "list_runs", {"status": "finished", "count": 3}),
        ("/run rainbow-skills smoke steps=5", "start_run", {"domain": "rainbow-skills", "preset": "smoke", "steps": 5}),
        ("/explore everything minutes=30", "start_everything", {"only": (), "minutes": 30}),
        ("/explore rainbow-skills for 2 hours", "start_everything", {"only": ("rainbow-skills",), "minutes": 120}),
        ("/explore within 500 calls without=study,harden", "start_everything",
         {"calls": 500, "without": ("study", "harden")}),
        ("/find a call within 30 minutes", "find_texts", {"text": "a call within 30 minutes"}),
        ("/start rainbow-skills", "start_run", {"domain": "rainbow-skills"}),
        ("/steer focus arithmetic, slang run=4f1c", "steer_run", {"message": "focus arithmetic, slang", "run": "4f1c"}),
        ("/steer don't use dates", "steer_run", {"message": "don't use dates"}),
        ('/archive risk="Fraud and Scams" min_fitness=0.5', "query_archive",
         {"where": {"risk": "Fraud and Scams"}, "min_fitness": 0.5}),
        ("/compare 4f1c 81aa", "compare_runs", {"runs": ("4f1c", "81aa")}),
        ("/plot qd_score 4f1c 81aa", "draw_plot", {"figure": "qd_score", "runs": ("4f1c", "81aa")}),
        ("/find a refund that was never sent", "find_texts", {"text": "a refund that was never sent"}),
    ],
)  # fmt: skip
def test_a_slash_command_is_read(box, line, tool, given) -> None:
    request = read_slash(line, box)

    assert request.command.tool == tool
    assert request.arguments.model_dump(exclude_unset=True) == given


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("/rnus", "/runs"),
        ("/run", "domain"),
        ("/run a b c", "too much"),
        ("/runs asleep", "status"),
        ("/plot qd_score ../../etc/passwd", "runs"),
        ("/plot file=/tmp/x", "file"),
        ("/run --config=x", "domain"),
        ("/stop", "run"),
    ],
)
def test_a_command_that_is_wrong_says_how_it_is_written(box, line, hint) -> None:
    with pytest.raises(ConfigError) as fault:
        read_slash(line, box)

    assert hint in str(fault.value)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("line", "tool"),
    [
        ("runs", "list_runs"),
        ("Runs finished", "list_runs"),
        ("start rainbow-skills smoke", "start_run"),
        ("explore everything for 30 minutes", "start_everything"),
        ("explore rainbow-skills search-study within 500 calls", "start_everything"),
        ("pause 4f1c", "pause_run"),
        ("compare 4f1c 81aa", "compare_runs"),
        ('find "a refund"', "find_texts"),
        ("spend", "spend_report"),
        ("archive risk=Fraud", "query_archive"),
        ("explain 9ab3cd01", "explain_candidate"),
    ],
)
def test_what_can_mean_nothing_else_needs_no_slash(box, line, tool) -> None:
    request = read_plain(line, box, KNOWN, DOMAINS)

    assert request is not None
    assert request.command.tool == tool


@pytest.mark.parametrize(
    "line",
    [
        "run me through the results",
        "start",
        "start something new",
        "stop",
        "stop talking",
        "pause for a moment",
        "find me the worst attacks",
        "explain this to me",
        "show me the runs",
        "runs?",
        "archive everything now",
        "steer it away from dates",
        "how are you",
        "compare 4f1c",
    ],
)
def test_a_sentence_is_no_command(box, line) -> None:
    assert read_plain(line, box, KNOWN, DOMAINS) is None


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("which experiments are there", "runs"),
        ("how much did that cost", "spend"),
        ("draw me a chart of coverage", "plot"),
        ("launch a new search", "run"),
        ("where does this candidate come from", "explain"),
    ],
)
def test_the_nearest_commands_share_words(words, name) -> None:
    assert name in [command.name for command in nearest(words)]


def test_nothing_is_near_to_nonsense() -> None:
    assert nearest("xyzzy plugh") == []
