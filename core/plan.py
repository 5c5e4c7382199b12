"""The plan of a search run: everything that decides its result, validated, hashed and written to the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from wunderkammer.core.contract import Frozen
from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import BudgetSettings, checked
from wunderkammer.core.table import changed, read_table


class Ablations(Frozen):
    """What Rainbow Teaming is compared with; the default of each is the paper's method."""

    filter: bool = True
    """Refuse a child whose BLEU with its parent is at or above `SearchPlan.bleu_limit`."""
    parents: bool = True
    """Vary an elite. Off: "no stepping stones", every candidate is made from nothing for its cell."""
    move: bool = True
    """Aim at another cell than the parent's. Off: "same-cell mutations"."""
    duel: bool = True
    """Replace by pairwise preference where the domain has one. Off: by a higher `fitness`."""
    biased: bool = True
    """Prefer cells of low fitness. Off: aim uniformly."""
    swap: bool = True
    """Ask the judge in both orders. Off: the challenger always stands first, with as many votes."""
    novelty: bool = True
    """Do what `SearchPlan.novelty` says. Off: novelty is measured and decides nothing."""


class NoveltySettings(Frozen):
    """What the search makes of novelty, the mean cosine distance to the k nearest of what the run has evaluated.

    All of it is off by default: novelty is then measured beside the run and decides nothing.
    """

    k: int = Field(10, ge=1, le=1000)
    weight: float = Field(0.0, ge=0)
    """As an objective: a score counts as score + weight × novelty. Where a duel decides, it has no effect."""
    bias: float = Field(0.0, ge=0, le=20)
    """As a sampling bias: parents are drawn with weight novelty ^ bias; 0 draws them alike."""
    refuse: float | None = Field(None, gt=0, lt=2)
    """A candidate nearer than this to anything the run has evaluated is a near-duplicate and is not evaluated."""


ABLATIONS: dict[str, Ablations] = {
    "no-filter": Ablations(filter=False),
    "no-stepping-stones": Ablations(parents=False),
    "same-cell": Ablations(move=False),
    "score-fitness": Ablations(duel=False),
    "uniform-cell": Ablations(biased=False),
    "no-novelty": Ablations(novelty=False),
    "no-swap": Ablations(swap=False),
    "random": Ablations(filter=False, parents=False, biased=False),
}
"""One flag each: `wunder run DOMAIN --ablate NAME`."""


class SearchPlan(Frozen):
    """One experiment."""

    domain: str
    options: dict[str, Any] = Field(default_factory=dict)
    """The domain's own settings, validated by `Domain.options`."""
    seed: int = 0
    steps: int = Field(100, ge=1)
    batch: int = Field(32, ge=1, le=4096)
    """Slots per step. A slot is one attempt at a candidate."""
    lag: int = Field(2, ge=0, le=64)
    """Steps in flight beyond the one that is being gathered: slots of step k choose their parents from the archive as
    it stood after step k - 1 - lag, however fast the servers were. 0: every step waits for the one before."""
    seeds: int = Field(0, ge=0)
    """How many of the domain's seeds the first slots take before anything is varied."""
    temperature: float = Field(0.1, gt=0)
    """t of the cell sampling weight exp(-fitness / t) (Rainbow Teaming, section 3)."""
    bleu_limit: float = Field(0.6, gt=0, le=1)
    evaluations: int = Field(2, ge=1, le=16)
    """Judge evaluations per order; votes per duel are twice this."""
    novelty: NoveltySettings = NoveltySettings()
    ablations: Ablations = Ablations()
    budget: BudgetSettings = BudgetSettings()
    reflect_every: int = Field(0, ge=0)
    """Steps between the scientist's reflections; 0: one at the end."""

    @cached_property
    def id(self) -> str:
        return content_id("plan", self)

    @property
    def considers_novelty(self) -> bool:
        """Whether any decision rests on novelty, so that candidates must be embedded before they are evaluated."""
        return self.ablations.novelty and bool(self.novelty.weight or self.novelty.bias or self.novelty.refuse)


def presets(domain: str, folder: str) -> dict[str, Path]:
    """The preset files that ship with a domain's folder, by name: `smoke`, `cpu`, `gpu`, …"""
    place = files(f"wunderkammer.domains.{folder}") / "presets"
    stem = f"{domain}."
    if not place.is_dir():
        return {}
    found = [Path(str(p)) for p in place.iterdir() if p.name.startswith(stem)]
    return {p.name.removeprefix(stem).removesuffix(".toml"): p for p in sorted(found)}


def read_plan(file: Path, **changes: Any) -> SearchPlan:
    """A plan from a TOML file, with changes on top; dotted keys reach into tables (`ablations.filter`)."""
    return make_plan(read_table(file), where=str(file), **changes)


def make_plan(values: Mapping[str, Any], *, where: str = "plan", **changes: Any) -> SearchPlan:
    """A plan from plain values, with changes on top as in `read_plan`; a `ConfigError` names each wrong field."""
    return checked(SearchPlan, changed(values, changes), where)


Status = Literal["running", "paused", "finished", "stopped", "failed"]
"""A run's last word: paused can be resumed; stopped hit its budget; failed met an error that no retry mended."""
