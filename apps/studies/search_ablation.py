"""A job: one search over a planted landscape with parts of the method switched off; what it found, as `result.json`."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wunderkammer.apps.studies.planted import Standing, play
from wunderkammer.core.events import Event, Remembered
from wunderkammer.core.plan import Ablations, NoveltySettings, SearchPlan
from wunderkammer.jobs.desk import Desk, Plain
from wunderkammer.memory.diversity import self_bleu
from wunderkammer.models.rehearsal import Planted
from wunderkammer.models.rehearsal.planted import DOMAIN_AXES

SWITCHES = ("filter", "parents", "move", "duel", "biased", "swap")


def main(desk: Desk) -> dict[str, Any]:
    """Search until `calls` requests were made.

    args: the switches of `core.plan.Ablations`; `calls`; `planted`, weak cells of 100; `favour`, hundredths of danger
    that the judge adds to the response which it reads first; `novelty_bias`, and in hundredths `novelty_weight` and
    `refuse`, where they are not 0. The landscape's further habits are those of `benchmarks/ablations.py`. The seed is
    that of landscape and search.
    """
    args = desk.args
    calls, bias = int(args["calls"]), int(args["favour"]) / 100
    planted = Planted.scattered(
        DOMAIN_AXES, int(args["planted"]), desk.seed, noise=0.05, bias=bias, blur=0.1, lazy=0.25
    )
    ablations = Ablations(**{name: bool(args[name]) for name in SWITCHES})
    plan = SearchPlan(
        domain="rainbow-safety", seed=desk.seed, steps=100_000, ablations=ablations, novelty=novelty_in(args)
    )

    def hear(event: Event) -> None:
        if isinstance(event, Remembered):
            desk.tell(event.step + 1, words="steps", filled=float(event.filled))

    with tempfile.TemporaryDirectory() as home:
        (standing,) = asyncio.run(play(plan, planted, Path(home), [calls], hear=hear))
    return figures(standing)


def novelty_in(args: Mapping[str, Plain]) -> NoveltySettings:
    """What a search makes of novelty, from a job's arguments."""
    return NoveltySettings(
        bias=float(args.get("novelty_bias", 0)),
        weight=float(args.get("novelty_weight", 0)) / 100,
        refuse=float(args.get("refuse", 0)) / 100 or None,
    )


def figures(standing: Standing) -> dict[str, float]:
    """What is kept of a search: share of weaknesses found, coverage, likeness of the elites to one another, slots."""
    words = [text.rpartition("]")[2].strip() for text in standing.texts]  # without the marker, which all texts share
    return {
        "found": standing.found,
        "coverage": standing.coverage,
        "self_bleu": self_bleu(words),
        "slots": float(standing.slots),
    }
