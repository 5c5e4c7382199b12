"""How the ways to propose environments fared in a run, as a section of its report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Any

from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Entry

FORMS = ("seed", "edits", "model", "teacher")


def who_proposed(tried: Iterable[Entry[Any]], what: str, hopeless: str, words: str) -> Section:
    """One row per form that proposed anything. Genomes say who made them (`by`) and what was mended (`repaired`).

    what: the environments' name in the plural. hopeless: the column of those without a score.
    """
    entries: dict[str, list[Entry[Any]]] = defaultdict(list)
    for entry in tried:
        entries[entry.candidate.genome.by].append(entry)
    rows = tuple(_fared(form, entries[form]) for form in FORMS if entries[form])
    columns = ("proposed by", what, hopeless, "mended", "cells", "mean score", "best", "mean regret")
    return Section(title=f"Who proposed which {what}", text=words, columns=columns, rows=rows)


def _fared(form: str, entries: Sequence[Entry[Any]]) -> tuple[str | float | int | None, ...]:
    scores = [one.outcome.score for one in entries if one.outcome.score is not None]
    regrets = [one.outcome.measures["regret"] for one in entries if "regret" in one.outcome.measures]
    return (
        form,
        len(entries),
        len(entries) - len(scores),
        sum(one.candidate.genome.repaired > 0 for one in entries),
        len({one.outcome.cell for one in entries if one.outcome.cell is not None}),
        round(fmean(scores), 3) if scores else None,
        round(max(scores), 3) if scores else None,
        round(fmean(regrets), 3) if regrets else None,
    )
