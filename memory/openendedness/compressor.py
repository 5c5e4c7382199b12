"""An observer by compression: what an artifact costs once its history is known. No model, no embedding, no chance."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from math import log
from typing import Final

import numpy as np

from wunderkammer.memory.openendedness.series import Floats, Series

WINDOW: Final = 32_768
"""Bytes that deflate looks back: the observer's horizon."""


class Compressor:
    """Bits of the raw deflate of an artifact whose dictionary is the end of the history, in nats.

    Deflate carries no table of letter frequencies from the dictionary over to the artifact, only strings: letters
    drawn at random are not learnt by it, words and phrases are. A length is whole bytes, 5.5 nats each.
    """

    name = "deflate-32k"
    horizon = f"the last {WINDOW // 1024} KiB of text"

    def losses(self, series: Series, t: int, later: Sequence[int]) -> Floats:
        history = _tail(series.texts[:t])
        knowing = zlib.compressobj(9, wbits=-15, zdict=history) if history else zlib.compressobj(9, wbits=-15)
        return np.array([8 * log(2) * _bytes(series.texts[i], knowing) for i in later])


def _tail(texts: Sequence[str]) -> bytes:
    parts: list[bytes] = []
    size = 0
    for text in reversed(texts):
        part = text.encode("utf-8", "replace") + b"\n"
        parts.append(part)
        size += len(part)
        if size >= WINDOW:
            break
    return b"".join(reversed(parts))[-WINDOW:]


def _bytes(text: str, knowing: zlib._Compress) -> int:
    deflate = knowing.copy()  # the history is read once for all artifacts
    return len(deflate.compress(text.encode("utf-8", "replace") + b"\n") + deflate.flush())
