"""Reading lessons, and keeping what is held out apart from what is learned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from wunderkammer.core.contract import Message
from wunderkammer.jobs.desk import Unable
from wunderkammer.jobs.finetune.lessons import Example, check_apart, check_pairs, normalised, read

Sums = Callable[..., list[Example]]


def asking(text: str, source: str = "x") -> Example:
    return Example(messages=(Message(role="user", content=text),), chosen="4", source=source, group="b")


def test_examples_survive_a_file(tmp_path: Path, sums: Sums) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text("\n\n".join(example.model_dump_json() for example in sums(3)), "utf-8")

    assert read(file, "train") == sums(3)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{}", "train line 2: messages: Field required"),
        ("not json", "train line 2: the line: Invalid JSON"),
        (asking("1+1").model_dump_json().replace('"4"', '""'), "train line 2: chosen"),
        (asking("1+1").model_dump_json().replace('"user"', '"assistant"'), "must end with the user's turn"),
    ],
)
def test_a_line_that_is_no_example_is_named(tmp_path: Path, line: str, says: str) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text(f"{asking('2+2').model_dump_json()}\n{line}\n", "utf-8")

    with pytest.raises(Unable, match=says):
        read(file, "train")


def test_an_empty_data_set_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text("\n", "utf-8")

    with pytest.raises(Unable, match="'train' is empty"):
        read(file, "train")


def test_apart_is_apart(sums: Sums) -> None:
    check_apart(sums(5), sums(5, first=10))


def test_the_same_candidate_in_both_is_refused(sums: Sums) -> None:
    with pytest.raises(Unable, match="held-out example s2 is also in the training data"):
        check_apart(sums(3), [asking("something else", source="s2")])


@pytest.mark.parametrize("twin", ["What is 2 + 2?", "what is  2+2", "WHAT IS 2 + 2 ?!", "What is ２ + ２?"])
def test_the_same_question_in_other_clothes_is_refused(twin: str) -> None:
    with pytest.raises(Unable, match="held-out example y asks the same as x"):
        check_apart([asking("What is 2 + 2?")], [asking(twin, "y")])


def test_a_system_turn_does_not_hide_a_twin() -> None:
    dressed = asking("2+2?", "y").model_copy(
        update={"messages": (Message(role="system", content="Be brief."), Message(role="user", content="2 + 2"))}
    )

    with pytest.raises(Unable, match="asks the same"):
        check_apart([asking("2+2?")], [dressed])


def test_pairs_need_a_rejected_answer_that_is_another(sums: Sums) -> None:
    check_pairs(sums(3), "train")
    with pytest.raises(Unable, match=r"train example 1 \(s0\) has no rejected answer"):
        check_pairs(sums(3, rejected=None), "train")
    with pytest.raises(Unable, match="chosen and rejected are the same"):
        check_pairs([example.model_copy(update={"rejected": example.chosen}) for example in sums(1)], "train")


def test_other_numbers_are_another_question() -> None:
    assert normalised("2 + 2?") != normalised("2 + 3?")
