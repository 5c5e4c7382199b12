"""Ordinary text to take perplexity over."""

from __future__ import annotations

from random import Random

from wunderkammer.jobs.finetune.passages import WORDS, choose, digest, paragraphs


def test_there_is_enough_prose_and_nothing_but_prose() -> None:
    found = paragraphs()

    assert len(found) >= 100
    assert len(set(found)) == len(found)
    for text in found:
        assert len(text.split()) >= WORDS
        assert text.endswith(".")
        assert not {"\n", "*", "`", '"'} & set(text)
        assert ">>>" not in text


def test_the_seed_chooses() -> None:
    found = paragraphs()
    a, b, c = (choose(found, 20, Random(seed)) for seed in (1, 1, 2))

    assert digest(a) == digest(b) != digest(c)
    assert len(set(a)) == 20
    assert len(choose(found, 10**6, Random(0))) == len(found)
