"""How far a judge or a classifier can be trusted: its agreement with people's labels in a file.

A line is one JSON object. Its fields are the variables of the prompt, and `label`:

    comparison   {"a": "…", "b": "…", "label": "a" | "b" | "tie", …}      votes of the judge, as in a duel
    yes/no       {"prompt": "…", "response": "…", "label": "yes" | "no"}   P(yes) of the role; true and false will do

`a` and `b` are never named among a comparison's other variables. Kappa is Cohen's: agreement beyond what the two would
reach by chance with their own frequencies of labels.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal, Protocol

from wunderkammer import prompts
from wunderkammer.core.contract import Frozen, Role, Verdict
from wunderkammer.core.errors import BadReply, ConfigError

Interval = tuple[float, float]
COMPARISON = ("a", "b", "tie")
YES_NO = ("yes", "no")


class Asks(Protocol):
    """The part of a `Lab` that judging takes."""

    async def probability(self, role: Role, prompt: str, values: Mapping[str, object]) -> float: ...

    async def compare(self, prompt: str, values: Mapping[str, object], challenger: str, incumbent: str) -> Verdict: ...


@dataclass(frozen=True)
class Labelled:
    """A line of the file."""

    place: str
    values: Mapping[str, str]
    label: str


class Agreement(Frozen):
    """Where a model and the labels meet."""

    prompt: str
    n: int
    """Lines with a usable verdict; the figures below are over these."""
    void: int
    """Lines without one: unusable replies. They count for nobody."""
    void_votes: int
    """Single votes of comparisons that were unusable, on whichever line."""
    accuracy: float | None
    accuracy_interval: Interval | None
    """95 %, percentile bootstrap over lines."""
    kappa: float | None
    """None where chance alone agrees always: all labels and all verdicts the same."""
    kappa_interval: Interval | None
    confusion: tuple[tuple[str, str, int], ...]
    """(label, verdict, lines), the pairs that occur."""


@dataclass(frozen=True)
class Found:
    """What the model said of a line."""

    said: str | None
    void_votes: int = 0


async def calibrate(
    file: Path,
    lab: Asks,
    *,
    prompt: str,
    kind: Literal["comparison", "yes-no"],
    rng: Random,
    role: Role = "classifier",
    threshold: float = 0.5,
    in_flight: int = 16,
    resamples: int = 2000,
) -> Agreement:
    """Ask about every labelled line and compare.

    prompt:    name of the prompt file whose variables the lines fill in.
    role:      who answers a yes/no prompt; comparisons are the judge's.
    threshold: P(yes) above it is a yes.
    in_flight: lines under way at once.

    Raises:
        ConfigError: the file is unusable; the message names line and field.
        ModelError: a server failed. An unusable *reply* is only counted, as void.
    """
    lines = read_labels(file, prompts.load(prompt).variables, kind)
    gate = asyncio.Semaphore(in_flight)

    async def one(line: Labelled) -> Found:
        async with gate:
            return await _ask(line, lab, prompt, kind, role, threshold)

    try:
        async with asyncio.TaskGroup() as group:  # the first server fault ends the others
            tasks = [group.create_task(one(line)) for line in lines]
    except ExceptionGroup as faults:
        raise _first(faults) from faults
    found = [task.result() for task in tasks]
    pairs = [(line.label, f.said) for line, f in zip(lines, found, strict=True) if f.said is not None]
    return agreement(
        prompt,
        pairs,
        void=len(lines) - len(pairs),
        votes=sum(f.void_votes for f in found),
        rng=rng,
        resamples=resamples,
    )


def agreement(
    prompt: str, pairs: Sequence[tuple[str, str]], *, void: int, votes: int, rng: Random, resamples: int
) -> Agreement:
    """The figures over (label, verdict) pairs, with intervals from `resamples` draws of as many pairs."""
    draws = [rng.choices(pairs, k=len(pairs)) for _ in range(resamples)] if pairs else []
    return Agreement(
        prompt=prompt,
        n=len(pairs),
        void=void,
        void_votes=votes,
        accuracy=accuracy(pairs) if pairs else None,
        accuracy_interval=_interval([accuracy(draw) for draw in draws]),
        kappa=kappa(pairs),
        kappa_interval=_interval([k for k in map(kappa, draws) if k is not None]),
        confusion=tuple((label, said, count) for (label, said), count in sorted(Counter(pairs).items())),
    )


def accuracy(pairs: Sequence[tuple[str, str]]) -> float:
    """Share of equal pairs; at least one pair."""
    return sum(label == said for label, said in pairs) / len(pairs)


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa (1960), unweighted; None without pairs, or where agreement by chance is certain."""
    if not pairs:
        return None
    labels, verdicts = Counter(label for label, _ in pairs), Counter(said for _, said in pairs)
    chance = sum(count * verdicts[label] for label, count in labels.items()) / len(pairs) ** 2
    return None if chance == 1 else (accuracy(pairs) - chance) / (1 - chance)


def read_labels(file: Path, variables: frozenset[str], kind: Literal["comparison", "yes-no"]) -> list[Labelled]:
    """The lines of a labelled file, checked against the prompt's variables; a `ConfigError` names line and field."""
    try:
        text = file.read_text("utf-8-sig")
    except OSError as fault:
        raise ConfigError(f"{file}: cannot be read: {fault.strerror}") from None
    except UnicodeDecodeError as fault:
        raise ConfigError(f"{file}: not UTF-8 at byte {fault.start}") from None
    lines = list(_lines(text, str(file), variables, kind))
    if not lines:
        raise ConfigError(f"{file}: holds no labelled line")
    return lines


async def _ask(
    line: Labelled, lab: Asks, prompt: str, kind: Literal["comparison", "yes-no"], role: Role, threshold: float
) -> Found:
    try:
        if kind == "yes-no":
            return Found("yes" if await lab.probability(role, prompt, line.values) > threshold else "no")
        others = {name: text for name, text in line.values.items() if name not in ("a", "b")}
        verdict = await lab.compare(prompt, others, line.values["a"], line.values["b"])
    except BadReply:
        return Found(None)
    return Found(_winner(verdict), verdict.votes.count("void"))


def _winner(verdict: Verdict) -> str | None:
    """a, b or tie by the more votes; None where every vote is void."""
    a, b, tie = (verdict.votes.count(vote) for vote in ("challenger", "incumbent", "tie"))
    if a + b + tie == 0:
        return None
    return "tie" if a == b else "a" if a > b else "b"


def _lines(
    text: str, where: str, variables: frozenset[str], kind: Literal["comparison", "yes-no"]
) -> Iterator[Labelled]:
    known = COMPARISON if kind == "comparison" else YES_NO
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{where} line {number}"
        try:
            record = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as fault:
            raise ConfigError(f"{place}: not valid JSON: {fault}") from None
        if not isinstance(record, dict):
            raise ConfigError(f"{place}: must be an object with the fields {', '.join(sorted(variables))} and label")
        label = _label(record.pop("label", None), known, place)
        for name in sorted(variables - record.keys()):
            raise ConfigError(f"{place}: the field {name!r} is missing")
        for name in sorted(record.keys() - variables):
            raise ConfigError(f"{place}: the prompt has no variable {name!r}; it has: {', '.join(sorted(variables))}")
        for name, value in record.items():
            if not isinstance(value, str) or not value.strip():
                raise ConfigError(f"{place}: the field {name!r} must be a text that is not blank")
        yield Labelled(place, record, label)


def _label(value: object, known: Sequence[str], place: str) -> str:
    if isinstance(value, bool) and "yes" in known:
        return "yes" if value else "no"
    if isinstance(value, str) and value.strip().lower() in known:
        return value.strip().lower()
    raise ConfigError(f"{place}: the field 'label' must be one of {', '.join(known)}, not {value!r}"[:200])


def _first(faults: ExceptionGroup[Exception]) -> Exception:
    """What went wrong first; the rest were cancelled on its account."""
    fault: Exception = faults
    while isinstance(fault, ExceptionGroup):
        fault = fault.exceptions[0]
    return fault


def _interval(figures: Sequence[float]) -> Interval | None:
    """The 2.5th and 97.5th percentile; None of nothing."""
    if not figures:
        return None
    ordered, last = sorted(figures), len(figures) - 1
    return ordered[round(0.025 * last)], ordered[round(0.975 * last)]
