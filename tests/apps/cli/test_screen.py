"""What is printed: no text of a model can move a cursor, no markup is obeyed, a pipe gets whole lines."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wunderkammer.apps.cli import screen


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a\x1b[31mred\x1b[0m b", "ared b"),
        ("\x1b]0;new title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jgone", "gone"),
        ("\x1bcreset", "reset"),
        ("back\x08\x08ward\x7f", "backward"),
        ("over\rwritten", "overwritten"),
        ("one\r\ntwo\tthree", "one\ntwo\tthree"),
        ("abc\u202edcba", "abcdcba"),
        ("broken \ud800 pair", "broken \ufffd pair"),
        ("naïve ☺ 你好 👩\u200d🚀", "naïve ☺ 你好 👩\u200d🚀"),
        ("[bold]not markup[/bold] :smile:", "[bold]not markup[/bold] :smile:"),
    ],
)
def test_what_could_command_a_terminal_is_taken_out(written: str, shown: str) -> None:
    assert screen.plain(written) == shown


@given(st.text(st.characters(), max_size=60) | st.text("\x1b[]0;mJ\x07\x9b\\abc", max_size=30))
def test_nothing_that_is_left_is_a_control_character(text: str) -> None:
    left = screen.plain(text)

    assert not [c for c in left if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
    assert screen.plain(left) == left


def test_a_line_is_one_line_and_no_longer_than_asked() -> None:
    assert screen.line("a\n  b\t\x1b[1mc") == "a b c"
    assert screen.line("abcdef", 4) == "abc…"


def test_a_piped_table_is_neither_cut_nor_obeyed(capsys) -> None:
    long = "word " * 60 + "end"
    screen.show(screen.table(("name", "text"), [("[red]x[/red]", long), ("\x1b[5mblink", None)], title="[b]t[/b]"))
    out = capsys.readouterr().out

    assert long in out
    assert "[red]x[/red]" in out
    assert "\x1b" not in out
    assert not any(row.endswith(" ") for row in out.splitlines())


def test_json_has_no_nan_and_no_raw_control_characters(capsys) -> None:
    screen.emit({"figure": float("nan"), "text": "\x9b2J é", "cell": ("a", float("inf"))})
    out = capsys.readouterr().out

    assert json.loads(out) == {"figure": None, "text": "\x9b2J é", "cell": ["a", None]}
    assert out.isascii()
