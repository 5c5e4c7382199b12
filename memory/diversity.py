"""How different texts are from each other, by four measures, and how sure a rate is.

Three measure likeness between texts (lower is more diverse), one redundancy of all of them (lower is more diverse):

self-BLEU          mean BLEU of each text against all others    Zhu et al. 2018 (Texygen), by sacrebleu; 0 to 1
ROUGE-L            mean F1 of longest common subsequences       Lin 2004, by rouge-score; 0 to 1
BERTScore, MiniLM  mean F1 of greedily matched token vectors    Zhang et al. 2020; -1 to 1, mostly 0 to 1
compression ratio  bytes of all texts over their gzip           Shaib et al. 2024; 1 and more

Self-BLEU and the compression ratio grow with the number of texts, so compare runs at equal n alone. Our BERTScore
matches token vectors of MiniLM, without weights by rarity and without rescaling: compare it with itself and never
with published figures, which come from larger encoders.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from random import Random
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.helpers import extract_all_word_ngrams
from scipy.stats import beta

from wunderkammer.core.contract import Frozen
from wunderkammer.core.ids import rng_for

Floats = NDArray[np.float32]
_ORDER = 4
"""Longest n-gram of BLEU."""
_ROUGE_CELLS = 8_000_000
"""Cells of the tables of common subsequences that one measurement may fill: about two seconds."""
_ROUGE_WORDS = 400
"""ROUGE-L reads a text this far."""
_BERT_WORDS = 8_000
"""Words that BERTScore may encode, all texts together: about two seconds."""


class Encoder(Protocol):
    """Gives every token of a text a unit vector: `MiniLM` does."""

    @property
    def name(self) -> str: ...

    def token_vectors(self, texts: Sequence[str]) -> list[Floats]: ...


class Diversity(Frozen):
    """The four measures over one set of texts; None where they are not defined or not asked for."""

    n: int
    """Texts that were given."""
    texts: int
    """Texts that self-BLEU and the compression ratio looked at: all, or a seeded sample."""
    self_bleu: float | None = None
    rouge_l: float | None = None
    rouge_pairs: int = 0
    """Pairs that ROUGE-L is a mean of: all of them, or a seeded sample."""
    bert_score_minilm: float | None = None
    bert_pairs: int = 0
    encoder: str | None = None
    """Whose token vectors BERTScore matched."""
    compression_ratio: float | None = None


class Interval(Frozen):
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float
    n: int = Field(ge=1)


def diversity(
    texts: Sequence[str], encoder: Encoder | None = None, *, seed: int = 0, most: int = 1_000, pairs: int = 1_000
) -> Diversity:
    """All four measures, on one core in under 5 s for 100 prompts and for 1,000.

    encoder: None leaves BERTScore out. most: texts beyond which a sample stands for all; BERTScore, which must encode
    them, takes a fifth of it. pairs: how many pairs of texts are compared at most. Both are fewer where texts are long
    (ROUGE-L costs the product of two lengths); the counts stand in the result.
    """
    rng = rng_for("diversity", seed)
    chosen = _sample(texts, most, rng)
    if len(chosen) < 2:
        return Diversity(n=len(texts), texts=len(chosen))
    words = max(1.0, sum(len(text.split()) for text in chosen) / len(chosen))
    some = _pairs(len(chosen), min(pairs, int(_ROUGE_CELLS / min(words, _ROUGE_WORDS) ** 2)), rng)
    found = Diversity(
        n=len(texts),
        texts=len(chosen),
        self_bleu=self_bleu(chosen),
        rouge_l=rouge_l(chosen, some),
        rouge_pairs=len(some),
        compression_ratio=compression_ratio(chosen),
    )
    if encoder is None:
        return found
    fewer = _sample(chosen, max(2, min(most // 5, int(_BERT_WORDS / words))), rng)
    some = _pairs(len(fewer), pairs, rng)
    score = bert_score(fewer, some, encoder)
    return found.model_copy(update={"bert_score_minilm": score, "bert_pairs": len(some), "encoder": encoder.name})


def self_bleu(texts: Sequence[str]) -> float:
    """Mean of sacrebleu's sentence BLEU (13a tokens, exponential smoothing) of each text against all others, 0 to 1.

    The references of two texts are the same but for two, so the clipping counts are kept once: per n-gram the highest
    count, how often it is reached, and the one below. Equal to n calls of `sentence_bleu`, in linear time.
    """
    bleu = BLEU(effective_order=True)
    counted = [extract_all_word_ngrams(bleu._preprocess_segment(text), 1, _ORDER) for text in texts]
    ceilings = _ceilings([grams for grams, _ in counted])
    lengths = np.array([length for _, length in counted])
    scores = []
    for i, (grams, length) in enumerate(counted):
        right, total = [0] * _ORDER, [max(length - n, 0) for n in range(_ORDER)]
        for gram, count in grams.items():
            highest, reached, below = ceilings[gram]
            others = below if count == highest and reached == 1 else highest
            right[len(gram) - 1] += min(count, others)
        near = _nearest_length(np.delete(lengths, i), length)
        score = BLEU.compute_bleu(right, total, length, near, smooth_method="exp", effective_order=True).score
        scores.append(score / 100)
    return float(np.mean(scores))


def rouge_l(texts: Sequence[str], pairs: Sequence[tuple[int, int]]) -> float:
    """Mean ROUGE-L F1 over pairs of texts, 0 to 1. F1 does not care which of the two is the reference.

    Of a long text the first 400 words are read.
    """
    from rouge_score.rouge_scorer import RougeScorer  # brings nltk, and takes seconds

    scorer = RougeScorer(["rougeL"], tokenizer=_Once())
    return float(np.mean([scorer.score(texts[i], texts[j])["rougeL"].fmeasure for i, j in pairs]))


def bert_score(texts: Sequence[str], pairs: Sequence[tuple[int, int]], encoder: Encoder) -> float:
    """Mean F1 of greedy matching: each token with the likest of the other text, both ways. A text without tokens
    is like nothing (0)."""
    vectors = encoder.token_vectors(texts)
    scores = []
    for i, j in pairs:
        if not len(vectors[i]) or not len(vectors[j]):
            scores.append(0.0)
            continue
        likeness = vectors[i] @ vectors[j].T
        precision, recall = float(likeness.max(axis=1).mean()), float(likeness.max(axis=0).mean())
        scores.append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
    return float(np.mean(scores))


def compression_ratio(texts: Sequence[str]) -> float:
    """Bytes of the texts, one a line, over the bytes of their gzip (level 9): 6 means that five sixths were said
    before. gzip looks back 32 KiB, so that the order matters a little."""
    raw = "\n".join(texts).encode("utf-8", "replace")
    return len(raw) / len(gzip.compress(raw, 9, mtime=0))


def interval(values: Sequence[float] | Sequence[bool], seed: int = 0, resamples: int = 10_000) -> Interval:
    """Mean and percentile bootstrap 95 % interval of a rate's 0s and 1s, or of any figures. ValueError for none.

    Where all values are equal, the bootstrap would claim certainty: a rate of 0 or 1 then has the exact interval of
    Clopper and Pearson 1934 (5 of 5: 0.48 to 1), other figures the point itself.
    """
    sample = np.asarray(values, np.float64)
    n = len(sample)
    if not n:
        raise ValueError("no values: a rate of nothing has no interval")
    mean = float(sample.mean())
    if (sample == sample[0]).all():
        low = float(beta.ppf(0.025, n, 1)) if mean == 1 else mean
        high = float(beta.ppf(0.975, 1, n)) if mean == 0 else mean
        return Interval(mean=mean, low=low, high=high, n=n)
    rng = np.random.default_rng(seed)
    if np.isin(sample, (0.0, 1.0)).all():
        means = rng.binomial(n, mean, resamples) / n  # what resampling 0s and 1s amounts to
    else:
        rows = max(1, 4_000_000 // n)
        blocks = [min(rows, resamples - start) for start in range(0, resamples, rows)]
        means = np.concatenate([sample[rng.integers(0, n, (rows, n))].mean(axis=1) for rows in blocks])
    low, high = (float(q) for q in np.quantile(means, (0.025, 0.975)))
    return Interval(mean=mean, low=low, high=high, n=n)


def _sample(texts: Sequence[str], most: int, rng: Random) -> list[str]:
    return list(texts) if len(texts) <= most else rng.sample(list(texts), most)


def _pairs(n: int, most: int, rng: Random) -> list[tuple[int, int]]:
    """All unordered pairs of n things, or a sample of them without repetition."""
    if n * (n - 1) // 2 <= most:
        return list(combinations(range(n), 2))
    found = set[tuple[int, int]]()
    while len(found) < most:
        i, j = sorted(rng.sample(range(n), 2))
        found.add((i, j))
    return sorted(found)


def _ceilings(counts: Sequence[Counter[tuple[str, ...]]]) -> dict[tuple[str, ...], tuple[int, int, int]]:
    """Per n-gram: the highest count in any text, how many texts reach it, and the highest count below that."""
    found: dict[tuple[str, ...], tuple[int, int, int]] = {}
    for grams in counts:
        for gram, count in grams.items():
            highest, reached, below = found.get(gram, (0, 0, 0))
            if count > highest:
                found[gram] = (count, 1, highest)
            elif count == highest:
                found[gram] = (highest, reached + 1, below)
            else:
                found[gram] = (highest, reached, max(below, count))
    return found


def _nearest_length(lengths: NDArray[np.int64], length: int) -> int:
    """The reference length nearest to a text's own; of two, the shorter."""
    gaps = np.abs(lengths - length)
    return int(lengths[gaps == gaps.min()].min())


class _Once:
    """rouge-score's own tokens, made once per text and not once per pair; the first 400."""

    def __init__(self) -> None:
        from rouge_score.tokenizers import DefaultTokenizer

        self._tokens = DefaultTokenizer(use_stemmer=False)
        self._known: dict[str, list[str]] = {}

    def tokenize(self, text: str) -> list[str]:
        if text not in self._known:
            self._known[text] = self._tokens.tokenize(text)[:_ROUGE_WORDS]
        return self._known[text]
