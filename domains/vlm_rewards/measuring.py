"""How good a reward is: swept on frames of combinations that were learned from, measured on frames of those that were
not."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np

from wunderkammer.domains.vlm_rewards.captions import TEMPLATES, Labelled, labelled, negatives, rooms
from wunderkammer.domains.vlm_rewards.settings import Negatives, Template, VlmSettings
from wunderkammer.learners.vlm.curves import Curve, area, average_precision, choose, curve
from wunderkammer.learners.vlm.embedder import Chances, Embedder, Vectors
from wunderkammer.learners.vlm.reward import Contrast

CURVES, SWEEP = "curves.json", "sweep.json"
TAUS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Temperatures that are tried, in the model's own."""
POINTS = 200
"""Of a curve that is kept."""
SWEPT, MEASURED = 1_000_003, 1_000_033
"""What the trial's seed is multiplied by for frames that are swept, and for frames that are measured."""


@dataclass(frozen=True)
class Tried:
    """One way to ask, on the frames that are swept."""

    template: str
    negatives: str
    tau: float
    average_precision: float
    beta: float
    """The best threshold there."""
    quality: float
    """Its F."""


def measure(settings: VlmSettings, embedder: Embedder, out: Path) -> dict[str, Any]:
    """Figures of the reward as the settings ask for it, on held-out combinations; `curves.json` and `sweep.json`."""
    sizes = settings.side, settings.toys, settings.horizon
    known = labelled(rooms(*sizes, held=False), SWEPT + settings.seed, settings.labelled)
    fresh = labelled(rooms(*sizes, held=True), MEASURED + settings.seed, settings.labelled)
    tried = sweep(embedder, known)
    (out / SWEEP).write_text(json.dumps([asdict(one) for one in tried]), "utf-8")
    asked = contrast(embedder, settings.template, settings.negatives, settings.tau)
    own = curve(asked.chances(known.frames, known.goals), known.labels)
    beta = settings.beta or choose(own).beta
    chances = asked.chances(fresh.frames, fresh.goals)
    found = curve(chances, fresh.labels)
    (out / CURVES).write_text(json.dumps(points(found)), "utf-8")
    return {
        "average_precision": average_precision(found),
        "area": area(found),
        "average_precision_known": average_precision(own),
        "beta": beta,
        "tau": settings.tau or embedder.tau,
        **at(chances, fresh, beta),
    }


def contrast(embedder: Embedder, template: Template, against: Negatives, tau: float) -> Contrast:
    """A way to ask."""
    return Contrast(embedder, negatives(against), tau, TEMPLATES[template])


def at(chances: Chances, frames: Labelled, beta: float) -> dict[str, float]:
    """What a threshold comes to: accuracy, precision (0 where nothing is rewarded) and recall."""
    said = chances > beta
    right = float((said & frames.labels).sum())
    return {
        "accuracy": float((said == frames.labels).mean()),
        "precision": right / max(1.0, float(said.sum())),
        "recall": right / float(frames.labels.sum()),
    }


def sweep(embedder: Embedder, frames: Labelled) -> list[Tried]:
    """Every template against every set of negatives at every temperature, the best first."""
    pictures: Vectors = embedder.pictures(frames.frames)
    found = []
    for template in get_args(Template):
        for against in get_args(Negatives):
            for factor in TAUS:
                tau = factor * embedder.tau
                asked = contrast(embedder, template, against, tau)
                told = curve(asked.of_vectors(pictures, frames.goals), frames.labels)
                best = choose(told)
                found.append(Tried(template, against, tau, average_precision(told), best.beta, best.quality))
    return sorted(found, key=lambda one: -one.quality)


def points(found: Curve) -> dict[str, list[float]]:
    """A curve to be kept: at most so many of its points, the last among them."""
    rows = np.unique(np.linspace(0, found.recall.size - 1, POINTS).round().astype(int))
    names = ("recall", "precision", "false_alarms")
    return {name: [round(float(value), 4) for value in getattr(found, name)[rows]] for name in names}
