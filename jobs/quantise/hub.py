"""Texts of a data set that a hub has, or that lies in its cache here: as many as a calibration set can want."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from wunderkammer.jobs.desk import Unable

MOST = 20_000
"""Texts that are read, from the beginning: 4,096 rows of a calibration set are seldom made of more."""
FIELD = "text"


def texts_of(name: str) -> list[str]:
    """Texts of `owner/name` or `owner/name:part` (its training split); `Unable` in one line where it cannot be had.

    The field `text`, or else the first that holds words.
    """
    from datasets import load_dataset
    from datasets.exceptions import DatasetsError
    from httpx import HTTPError

    place, _, part = name.partition(":")
    try:
        rows = load_dataset(place, part or None, split="train", streaming=True)
        return words_in(name, islice(rows, MOST))
    except (DatasetsError, HTTPError, OSError, ValueError, RuntimeError) as fault:
        words = " ".join(str(fault).split()) or type(fault).__name__
        raise Unable(f"data set {name} cannot be had ({words[:200]}); give a text file or a .jsonl instead") from None


def words_in(name: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The texts of rows; `Unable` where they have none."""
    found: list[str] = []
    field = ""
    for row in rows:
        field = field or (
            FIELD if FIELD in row else next((key for key, one in row.items() if isinstance(one, str)), "")
        )
        text = row.get(field) if field else None
        if isinstance(text, str) and text.strip():
            found.append(text.strip())
    if not found:
        raise Unable(f"data set {name} has no field of words; give a text file or a .jsonl instead")
    return found
