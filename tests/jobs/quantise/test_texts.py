"""Texts to calibrate on and to be examined on: parted, seeded, and the user's files read or refused in one line."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from wunderkammer.jobs.desk import Unable
from wunderkammer.jobs.quantise import texts
from wunderkammer.jobs.quantise.examination import Windows, loss, perplexity
from wunderkammer.jobs.quantise.hub import words_in


def some(name: str, part: texts.Part = "calibration", seed: int = 0, count: int = 40) -> list[str]:
    return list(islice(texts.read(name, part, Random(seed)), count))


@pytest.mark.parametrize("name", texts.BUILT_IN)
def test_every_built_in_set_is_endless_and_follows_from_the_seed(name: str) -> None:
    assert some(name) == some(name)
    assert some(name) != some(name, seed=1)
    assert all(text.strip() for text in some(name))


@pytest.mark.parametrize("name", texts.EXAMINED)
def test_what_is_examined_on_is_never_calibrated_on(name: str) -> None:
    calibration, held = set(some(name, count=3000)), set(some(name, "held", count=3000))

    assert not calibration & held


def test_shuffled_prose_has_the_same_words_without_their_order() -> None:
    prose = set(" ".join(some("prose", count=6000)).split())
    shuffled = " ".join(some("shuffled", count=50)).split()

    assert set(shuffled) <= prose
    assert " ".join(shuffled[:6]) not in " ".join(some("prose", count=6000))


def test_noise_is_punctuation() -> None:
    assert not any(character.isalnum() for text in some("noise") for character in text)


def test_a_file_of_paragraphs_is_a_set(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("one\ntwo\n\nthree\n", "utf-8")

    assert sorted(islice(texts.read("mine", "calibration", Random(0), file), 2)) == ["one\ntwo", "three"]


def test_lines_of_json_are_a_set(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(f'{json.dumps({"text": "a"})}\n"b"\n', "utf-8")

    assert sorted(islice(texts.read("mine", "calibration", Random(0), file), 2)) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "line 1: not JSON"),
        (b'{"words": "x"}', 'line 1: neither a string nor an object with "text"'),
        (b"\xff", "cannot be read as text"),
        (b"", "holds no text"),
    ],
)
def test_a_file_that_is_no_set_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_bytes(content)

    with pytest.raises(Unable, match=said):
        next(texts.read("mine", "calibration", Random(0), file))


@pytest.mark.parametrize(("name", "content"), [("a.txt.gz", b"one\n\ntwo\n"), ("a.jsonl.gz", b'"one"\n"two"\n')])
def test_packed_files_are_sets_too(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(gzip.compress(content))

    assert texts.of_file(tmp_path / name) == ["one", "two"]


def test_words_of_a_data_set_are_its_texts() -> None:
    assert words_in("a/b", [{"id": 1, "text": " one "}, {"id": 2, "text": ""}, {"text": "two"}]) == ["one", "two"]
    assert words_in("a/b", [{"id": 1, "story": "one"}, {"id": 2, "story": "two"}]) == ["one", "two"]
    with pytest.raises(Unable, match="no field of words"):
        words_in("a/b", [{"id": 1}])


def test_an_unknown_set_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Unable, match="prose, code, shuffled, questions, noise"):
        next(texts.read("poems", "calibration", Random(0)))


def letters(text: str, **_: object) -> dict[str, list[int]]:
    """A tokenizer: a token for each letter."""
    return {"input_ids": [ord(letter) for letter in text]}


def test_windows_are_of_one_length_and_go_on_where_the_last_one_ended() -> None:
    windows = Windows.cut(letters, iter(["abc", "defg", "hi"]), 2, 5)

    assert windows.rows == [tuple(map(ord, "abc\n\n")), tuple(map(ord, "defg\n"))]
    assert windows.scored == 8


def test_loss_is_of_a_token_and_perplexity_its_exponential() -> None:
    assert loss([2.0, 4.0], 3) == 2.0
    assert perplexity([0.0], 5) == 1.0
