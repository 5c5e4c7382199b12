"""Which tokens of a conversation are learned, under templates that do not say so."""

from __future__ import annotations

from typing import Any

import pytest

from wunderkammer.core.contract import Message
from wunderkammer.jobs.desk import Unable
from wunderkammer.jobs.finetune.encoding import IGNORED, check_template, encode, fitting

ASKED = (Message(role="system", content="be brief"), Message(role="user", content="hi"))


class Letters:
    """A tokenizer with one token per letter; `.` ends a turn."""

    eos_token_id = ord(".")
    chat_template: Any = "letters"

    def __init__(self, opening: str = "a:") -> None:
        self.opening = opening

    def apply_chat_template(self, conversation: list[dict[str, str]], **options: Any) -> list[int]:
        assert options.pop("tokenize")
        assert not options.pop("return_dict")
        text = "".join(f"{turn['role'][0]}:{turn['content']}.\n" for turn in conversation)
        return [ord(letter) for letter in text + (self.opening if options.get("add_generation_prompt") else "")]


def letters(ids: tuple[int, ...]) -> str:
    return "".join("_" if token == IGNORED else chr(token) for token in ids)


def test_only_the_answer_and_its_end_are_learned() -> None:
    encoded = encode(Letters(), ASKED, "hello")

    assert letters(encoded.ids) == "s:be brief.\nu:hi.\na:hello."
    assert letters(encoded.labels).replace("_", "") == "hello."
    assert encoded.learned == 6


def test_an_end_token_within_the_answer_does_not_cut_it() -> None:
    assert letters(encode(Letters(), ASKED, "a.b").ids).endswith("a.b.")


def test_what_a_template_says_only_before_an_answer_is_left_out() -> None:
    """Some templates open a thinking block where an answer is due, and drop it once there is one."""
    encoded = encode(Letters("a:<think>"), ASKED, "hello")

    assert letters(encoded.labels).replace("_", "") == "hello."


def test_what_does_not_fit_is_left_out_whole() -> None:
    short, long = encode(Letters(), ASKED, "x"), encode(Letters(), ASKED, "x" * 50)

    assert fitting([long, short], len(short.ids)) == [1]
    assert fitting([long, short], len(short.ids) - 1) == []


def test_a_base_without_chat_template_is_refused() -> None:
    plain = Letters()
    plain.chat_template = None

    with pytest.raises(Unable, match="gpt2 has no chat template"):
        check_template(plain, "gpt2")
