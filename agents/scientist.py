"""The scientist of a search: says at the end what kinds of candidate won, in figures; a model may word them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean

from wunderkammer.agents.science.commenting import worded
from wunderkammer.core.ids import rng_for
from wunderkammer.core.records import Finding
from wunderkammer.memory.archive import Archive, Elite
from wunderkammer.models.gateway import Gateway

PERMUTATIONS = 2000


def weigh(run: str, archive: Archive, seed: int, domain: str = "", slots: int | None = None) -> list[Finding]:
    """One finding per axis: its strongest value, against the mean of all elites.

    The p-value is that of a permutation test of the largest mean over values, so that picking the largest of many is
    paid for; elites are exchanged between cells. slots: how many of the run's the archive holds; it is written down,
    so that the finding can be computed again when the run has gone on.
    """
    findings: list[Finding] = []
    for place, axis in enumerate(archive.axes):
        groups: dict[str, list[Elite]] = defaultdict(list)
        for cell, elite in archive.elites.items():
            if elite.fitness is not None:
                groups[cell[place]].append(elite)
        if len(groups) > 1:
            finding = _strongest(run, axis, groups, seed, domain)
            counted = {} if slots is None else {"slots": float(slots)}
            findings.append(finding.model_copy(update={"statistics": {**finding.statistics, **counted}}))
    return findings


def _strongest(run: str, axis: str, groups: Mapping[str, Sequence[Elite]], seed: int, domain: str) -> Finding:
    means = {value: fmean(e.fitness or 0.0 for e in elites) for value, elites in groups.items()}
    best = max(means, key=lambda value: means[value])
    everyone = [elite.fitness or 0.0 for elites in groups.values() for elite in elites]
    p = _chance(everyone, [len(elites) for elites in groups.values()], means[best], seed, axis)
    top = sorted(groups[best], key=lambda elite: -(elite.fitness or 0.0))[:5]
    figures = {"mean": means[best], "mean_of_all": fmean(everyone), "n": len(groups[best]), "elites": len(everyone)}
    return Finding(
        run=run,
        claim=(
            f"Along {axis}, elites are strongest at {best}: mean fitness {means[best]:.3f} over {len(groups[best])} "
            f"cells, {figures['mean_of_all']:.3f} over all {len(everyone)} (p = {p:.3f} that the best value is chance)."
        ),
        statistics={**figures, "p": p},
        evidence=tuple(elite.candidate for elite in top),
        refuted_by=f"another run in which {best} is not above the mean of all elites along {axis}",
        domain=domain,
        reproduce=f"wunder findings check --run {run}",
    )


def _chance(values: list[float], sizes: Sequence[int], best: float, seed: int, axis: str) -> float:
    """Share of shuffles in which some group's mean reaches `best`, the observed arrangement counted in."""
    rng = rng_for("scientist", seed, axis)
    shuffled = list(values)
    hits = 1
    for _ in range(PERMUTATIONS):
        rng.shuffle(shuffled)
        at = 0
        top = 0.0
        for size in sizes:
            top = max(top, fmean(shuffled[at : at + size]))
            at += size
        hits += top >= best - 1e-12
    return hits / (PERMUTATIONS + 1)


async def word(finding: Finding, examples: Sequence[str], gateway: Gateway) -> Finding:
    """The finding with the scientist model's comment on it; unchanged where the model is of no use."""
    return await worded(finding, "scientist/reflect", {"claim": finding.claim, "examples": list(examples)}, gateway)
