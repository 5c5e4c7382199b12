"""What a model still can do: the base and adapters on the same passages and questions."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from wunderkammer.jobs.finetune.questions import Question
from wunderkammer.jobs.finetune.utility import right

Office = Any
ASKED = {"passages": 6, "tokens": 40, "questions": 5}


def test_the_likeliest_ending_by_character_counts() -> None:
    question = Question("One and one is", ("two.", "a million.", "red.", "blue."))

    assert right(question, [4.0, 15.0, 6.0, 6.0])
    assert not right(question, [4.0, 9.0, 6.0, 6.0])


@pytest.mark.skipif(find_spec("trl") is None, reason="needs the finetune extra")
@pytest.mark.filterwarnings("default")
def test_adapters_are_measured_against_the_base(based: Office, sums: Callable[..., Any]) -> None:
    data = {"train": based.lessons("t.jsonl", sums(8)), "held_out": based.lessons("h.jsonl", sums(4, first=50))}
    recipe = {"steps": 3, "batch": 4, "rank": 2, "max_tokens": 128, "precision": "fp32", "warmup": 0.0}
    for name, rate in (("still", 1e-12), ("wild", 0.2)):
        based.run("train", name, {**recipe, "learning_rate": rate}, inputs=data, after=("base",))
    found = based.run("utility", "u", ASKED, seed=3, after=("base", "still", "wild"))
    lines = [json.loads(line) for line in (based.out("u") / "passages.jsonl").read_text("utf-8").splitlines()]
    answers = [json.loads(line) for line in (based.out("u") / "questions.jsonl").read_text("utf-8").splitlines()]

    assert found["passages"]["count"] == len(lines) == 6
    assert found["questions"] == len(answers) == 5
    assert found["after"]["still"]["perplexity_ratio"] == pytest.approx({"value": 1, "low": 1, "high": 1}, abs=1e-3)
    wild = found["after"]["wild"]
    ratio = wild["perplexity_ratio"]
    assert wild["perplexity"] == pytest.approx(found["before"]["perplexity"] * ratio["value"], rel=1e-3)
    assert ratio["low"] < ratio["value"] < ratio["high"]
    assert abs(ratio["value"] - 1) > 0.01  # either way: a model of noise may well get better by being shaken
    assert set(lines[0]["losses"]) == set(answers[0]["right"]) == {"base", "still", "wild"}
    assert based.run("utility", "v", ASKED, seed=4, after=("base",))["passages"]["hash"] != found["passages"]["hash"]
