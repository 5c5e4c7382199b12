"""A causal language model of transformers that is asked how much a text surprises it; also a program of its own.

    PYTHON reader.py FOLDER          # one JSON line in: {"before": …, "text": …}; one out: {"nats": …} or {"fault": …}

Standard library, torch and transformers alone: this runs in whatever virtual environment has them.
"""

from __future__ import annotations

import copy
import inspect
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_CHUNK = 512
"""Tokens of a history that are read at once: what they expect next is of no interest, and takes a vocabulary each."""
_LOOSE = 4
"""Tokens at the end of a history that what follows it may join up with; they are read again with every text."""


@dataclass
class _Prefix:
    """A history that was read."""

    before: str
    ids: list[int]
    cache: Any


class Reader:
    """Called with what stands before a text and the text: mean nats per token of the text.

    Histories are read once: of the texts that follow, only their own tokens cost anything. A token that begins before
    the text and ends in it counts as one of the text; the first of all follows the model's own mark of a beginning.
    Where both are longer than the model's window, the beginning is cut off.

    Raises:
        ImportError: no torch or transformers here.
        OSError, ValueError: transformers cannot load a causal language model from the folder.
    """

    def __init__(self, folder: str) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()
        self._torch = torch
        self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        if not self._tokenizer.is_fast:
            raise ValueError("its tokenizer does not say which characters a token stands for")
        place = "cuda" if torch.cuda.is_available() else "cpu"
        model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
        self._model = model.to(place).requires_grad_(False).eval()
        self._window = int(getattr(model.config.get_text_config(), "max_position_embeddings", 0) or 1 << 30)
        self._keeps = "logits_to_keep" in inspect.signature(type(model).forward).parameters
        self._prefix = _Prefix("", [], None)

    def __call__(self, before: str, text: str) -> float:
        """Raises `ValueError` for a text that has no token."""
        ids, first = self._encoded(before, text)
        cut = max(0, len(ids) - self._window)
        ids, first = ids[cut:], max(1, first - cut)
        if first >= len(ids):
            raise ValueError("a text without a token surprises nobody")
        with self._torch.inference_mode():
            known = self._read(before) if before and not cut else _Prefix("", [], None)
            usable = len(known.ids) < first and ids[: len(known.ids)] == known.ids
            at = len(known.ids) if usable else 0
            # What a text adds to the history must not be there for the next one.
            cache = copy.deepcopy(known.cache) if usable else None
            logits = self._logits(ids[at:], cache, len(ids) - first + 1)[:-1]
            told = self._torch.tensor(ids[first:], device=logits.device)
            return float(self._torch.nn.functional.cross_entropy(logits.float(), told))

    def _encoded(self, before: str, text: str) -> tuple[list[int], int]:
        """Tokens of both, and the first that is one of the text."""
        told = self._tokenizer(before + text, return_offsets_mapping=True)
        ids, ends = list(told["input_ids"]), [end for _, end in told["offset_mapping"]]
        while ids and ends[-1] == 0:  # a mark of the end
            ids.pop(), ends.pop()
        first = next((at for at, end in enumerate(ends) if end > len(before)), len(ids))
        if first == 0:
            mark = self._tokenizer.bos_token_id
            ids, first = [self._tokenizer.eos_token_id if mark is None else mark, *ids], 1
        return ids, first

    def _read(self, before: str) -> _Prefix:
        if self._prefix.before != before:
            ids = list(self._tokenizer(before)["input_ids"])[:-_LOOSE]
            cache = None
            for start in range(0, len(ids), _CHUNK):
                cache = self._ran(ids[start : start + _CHUNK], cache, 1).past_key_values
            self._prefix = _Prefix(before, ids, cache)
        return self._prefix

    def _logits(self, ids: Sequence[int], cache: Any, last: int) -> Any:
        """Of the last positions, shape (last, vocabulary)."""
        return self._ran(ids, cache, last).logits[0, -last:]

    def _ran(self, ids: Sequence[int], cache: Any, last: int) -> Any:
        asked = self._torch.tensor([list(ids)], device=self._model.device)
        keeping = {"logits_to_keep": last} if self._keeps else {}
        return self._model(input_ids=asked, past_key_values=cache, use_cache=True, **keeping)


def main(folder: str) -> int:
    """Answers line by line until stdin ends; the first line out says whether the model could be loaded."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries that print must not come between the lines

    def say(**said: object) -> None:
        answers.write(json.dumps(said) + "\n")
        answers.flush()

    try:
        reader = Reader(folder)
    except (ImportError, OSError, ValueError, KeyError) as fault:
        say(fault=_line(fault))
        return 1
    say(ready=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            say(nats=reader(asked["before"], asked["text"]))
        except (ValueError, RuntimeError) as fault:  # out of memory is one of the latter
            say(fault=_line(fault))
    return 0


def _line(fault: Exception) -> str:
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0][:300]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
