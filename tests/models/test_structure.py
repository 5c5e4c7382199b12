"""Structured replies are read where they can be read without guessing, and else refused."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, RootModel

from wunderkammer.models.structure import MOST_CHARS, OffSchema, form, parse


class Inner(BaseModel):
    default: int = 3


class Verdict(BaseModel):
    winner: Literal["A", "B"]
    reason: str = "none given"
    inner: Inner | None = None


class Lenient(BaseModel):
    """Would accept any object."""

    score: int = 0
    note: str = ""


class Names(RootModel[list[str]]):
    pass


GOOD = '{"winner": "A", "reason": "it is shorter"}'


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Sure! Here it is:\n{GOOD}\nAnything else?",
        f"<think>Perhaps {{B}}? No.</think>\n{GOOD}",
        f"{GOOD}\n\n{GOOD}",
        "{'winner': 'A', 'reason': 'it is shorter'}",
        '{"winner": "A", "reason": "it is shorter",}',
        '{winner: "A", reason: "it is shorter"}',
        '{"winner": "A", "reason": "it is shorter"',
        '{"winner": "A", // clearly\n "reason": "it is shorter"}',
    ],
)
def test_what_says_it_is_read(text):
    assert parse(Verdict, text) == Verdict(winner="A", reason="it is shorter")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot decide.",
        "{I cannot decide}",
        "{}",
        "[]",
        "null",
        '"A"',
        '{"winner": "C"}',
        '{"winner": null}',
        '{"reason": "A"}',
        '{"winner": "A"} but perhaps {"winner": "B"}',
        "\ud800",
        '{"winner": "A", "reason": "\\ud800"}',
    ],
)
def test_what_does_not_say_it_is_refused(text):
    with pytest.raises(OffSchema):
        parse(Verdict, text)


@pytest.mark.parametrize("text", ["I think so.", "{hm}", "yes {} no", '{"other": 1} indeed', "[1, {}] x"])
def test_defaults_are_never_an_answer(text):
    with pytest.raises(OffSchema):
        parse(Lenient, text)


@given(st.text(max_size=200) | st.lists(st.sampled_from(list('{}[]",:\\ asorence123')), max_size=80).map("".join))
def test_nothing_is_made_up(text):
    try:
        found = parse(Lenient, text)
    except OffSchema:
        return
    assert '"score"' in text or '"note"' in text or "score" in text or "note" in text or json.loads(text) == {}
    assert isinstance(found, Lenient)


def test_what_was_cut_for_length_is_not_completed_by_guessing():
    with pytest.raises(OffSchema, match="max_tokens"):
        parse(Verdict, '{"winner": "A", "reason": "it is shor', whole=False)
    assert parse(Verdict, GOOD + " and furtherm", whole=False) == parse(Verdict, GOOD)


@pytest.mark.parametrize("unit", ["{", "[", '{"', '"{', '{"a":', '{"a":[', "{a:", '"', "\\", '",', "a,:", "'", "//"])
@pytest.mark.parametrize("size", [MOST_CHARS, 250_000])
def test_replies_that_were_made_to_hurt_cost_little(unit, size):
    text = ('{"winner": "A", x' + unit * size)[:size]
    start = time.process_time()
    with contextlib.suppress(OffSchema):
        parse(Verdict, text)
    assert time.process_time() - start < 2.0


def test_a_root_model_may_be_a_list():
    assert parse(Names, '["a", "b"]') == Names(["a", "b"])
    with pytest.raises(OffSchema):
        parse(Names, '{"a": 1}')


def test_whether_it_was_json_at_all_is_told():
    for text, is_json in (('{"winner": 1}', True), ("hello", False)):
        with pytest.raises(OffSchema) as caught:
            parse(Verdict, text)
        assert caught.value.json is is_json


def test_the_schema_is_strict_throughout():
    schema = form(Verdict).schema
    for part in (schema, schema["$defs"]["Inner"]):
        assert part["additionalProperties"] is False
        assert part["required"] == list(part["properties"])
    assert schema["$defs"]["Inner"]["properties"]["default"] == {"title": "Default", "type": "integer"}
    assert '"winner"' in form(Verdict).words


def test_the_error_does_not_repeat_the_reply():
    with pytest.raises(OffSchema) as caught:
        parse(Verdict, '{"winner": "some-long-private-words"}')
    assert "private" not in str(caught.value)
