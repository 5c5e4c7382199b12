"""`wunder chat` as it is typed: one turn for scripts, and a dialogue line by line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from wunderkammer.apps.chat.operations import starting
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.runs import find_run


@pytest.fixture
def typed(wunder, home, monkeypatch) -> Callable[..., object]:
    """A dialogue: lines, or exceptions for keys like Ctrl-C, then Ctrl-D."""

    def type_lines(*lines: object, options: tuple[object, ...] = ()):
        left: Iterator[object] = iter(lines)

        def read(prompt: str = "") -> str:
            one = next(left, EOFError())
            if isinstance(one, BaseException):
                raise one
            return str(one)

        monkeypatch.setattr("builtins.input", read)
        return wunder("chat", "--home", home, *options)

    return type_lines


def test_a_plain_command_needs_no_model(wunder, home) -> None:
    said = wunder("chat", "--once", "runs", "--home", home)
    told = json.loads(wunder("chat", "--once", "/show", "--json", "--home", home).out)

    assert (said.code, "rainbow-safety" in said.out) == (0, True)
    assert told["command"] == "show"
    assert dict(told["result"]["facts"])["status"] == "finished"
    assert not (home / "servers").exists()


def test_words_for_the_embedded_model_are_answered_honestly(wunder, home) -> None:
    said = wunder("chat", "--once", "how much money did we spend?", "--home", home)
    told = wunder("chat", "--once", "how much money did we spend?", "--json", "--home", home)

    assert said.code == 2
    assert "embedded model is too small" in said.err
    assert "/spend" in said.err
    assert said.err.count("\n") == 1
    assert json.loads(told.out)["reply"] is None


def test_what_is_expensive_needs_a_yes(wunder, home, monkeypatch) -> None:
    begun = []
    monkeypatch.setattr(starting, "begin", lambda home, key, words: begun.append(words))
    monkeypatch.setattr(starting, "named", lambda errand, look: _later("abcdef123456"))
    asked = wunder("chat", "--once", "/run rainbow-skills gpu", "--home", home)
    done = wunder("chat", "--once", "/run rainbow-skills gpu", "--yes", "--home", home)

    assert (asked.code, "--yes" in asked.err) == (2, True)
    assert done.code == 0, done.err
    assert len(begun) == 1
    assert begun[0][:2] == ["run", "rainbow-skills"]
    assert {"--preset=gpu", "--quiet", f"--home={home}"} <= set(begun[0])


async def _later(name: str) -> str:
    return name


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--once", " "), "say something"),
        (("--once", "/nope"), "there is no command /nope"),
        (("--once", "/show zzzz"), "nothing here goes by 'zzzz'"),
        (("--once", "runs", "--thread", "../up"), "thread '../up'"),
        (("--json",), "--once WORDS --json"),
        (("--once", "runs", "--model", "nowhere"), "--guide 'nowhere'"),
    ],
)
def test_bad_input_is_one_line(wunder, home, words, hint) -> None:
    said = wunder("chat", *words, "--home", home)

    assert said.code == 2
    assert hint in said.err
    assert said.err.count("\n") == 1


def test_a_dialogue_answers_line_by_line(typed) -> None:
    said = typed("/help", "", "runs", "/rnus", "/show", "/watch", "what was best?", "/thread other", "/quit", "never")

    assert said.code == 0, said.err
    assert "/explain CANDIDATE" in said.out
    assert "did you mean /runs" in said.err
    assert "6 of 6" in said.out
    assert "I cannot answer this: the embedded model" in said.out
    assert "thread other" in said.out


def test_ctrl_c_at_the_prompt_ends_nothing(typed) -> None:
    said = typed(KeyboardInterrupt(), "runs")

    assert said.code == 0
    assert "rainbow-safety" in said.out


def test_ctrl_c_ends_what_is_being_answered_and_not_the_chat(typed, monkeypatch) -> None:
    from wunderkammer.apps.chat.session import Session

    async def interrupted(self, request):
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr(Session, "do", interrupted)
        said = typed("runs", "/thread")

    assert said.code == 0
    assert "(ended)" in said.err
    assert "thread main" in said.out


def test_no_is_no(typed, home) -> None:
    said = typed("/run rainbow-skills gpu", "n", "/run rainbow-skills gpu")  # and nobody there to say yes

    assert said.out.count("not done") == 2
    assert not (home / "errands").exists()


def test_texts_of_candidates_reach_the_terminal_as_data(wunder, home) -> None:
    from wunderkammer.core.records import Finding
    from wunderkammer.memory.findings import keep_finding

    with opened(address_of(home)) as ledger:
        run = find_run(ledger, "latest").id
        keep_finding(ledger, Finding(run=run, claim="well \x1b[2J\x1b]0;mine\x07[bold]said[/bold]"))
    said = wunder("chat", "--once", "findings", "--home", home)

    assert "well [bold]said[/bold]" in said.out
    assert "\x1b" not in said.out
