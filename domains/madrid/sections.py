"""What the report of a run says beyond the archive: regret by reference, where, by what failures, from which levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from wunderkammer.core.abilities import Picture, Section
from wunderkammer.core.contract import Cell, Entry
from wunderkammer.domains.madrid.drawing import drawn
from wunderkammer.domains.madrid.heat import heat
from wunderkammer.domains.madrid.intervals import mean_of, share_of
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario
from wunderkammer.domains.madrid.vulnerabilities import ADVERSARIAL, Vulnerability, found_in

Found = Entry[Scenario]
DRAWN = 6
"""Levels that are drawn."""


def elites_of(tried: Sequence[Found]) -> dict[Cell, Found]:
    """Who holds each cell after all that was tried: the first of the highest score. Levels without a cell are passed
    over."""
    held: dict[Cell, Found] = {}
    for entry in tried:
        cell, score = entry.outcome.cell, entry.outcome.score
        if cell is None or score is None:
            continue
        best = held[cell].outcome.score if cell in held else None
        if best is None or score > best:
            held[cell] = entry
    return held


def told(tried: Sequence[Found], options: MadridOptions) -> list[Section]:
    """The sections of a run, as much as it has to say."""
    held = elites_of(tried)
    elites = list(held.values())
    sections = [_by_reference(tried, held, options)]
    if held:
        regrets = {cell: entry.outcome.score or 0.0 for cell, entry in held.items()}
        picture = heat(regrets, options.references)
        sections.append(Section(title="Where on the pitch", text=picture.caption, pictures=(picture,)))
    vulnerabilities = found_in(elites)
    sections.append(_vulnerabilities(vulnerabilities, elites))
    if held:
        sections.append(_worst(elites, vulnerabilities))
    return sections


def _by_reference(tried: Sequence[Found], held: Mapping[Cell, Found], options: MadridOptions) -> Section:
    rows = [_row(name, tried, held) for name in options.references]
    text = (
        f"Regret is V(reference, target) − V(target, target): the reference, and then {options.target} itself, plays "
        f"left against {options.target} from the same level, {options.repeats} matches each. The archive keeps maxima "
        "of noisy figures, so they are too high: `wunder reevaluate` plays the elites again, by fresh draws. A regret "
        f"of at least {ADVERSARIAL:g} is adversarial. Intervals are of 95 %, over elites."
    )
    columns = (
        "reference", "levels", "mean regret of all", "elites", "mean regret of elites", "low", "high",
        "adversarial", "low", "high", "the reference wins",
    )  # fmt: skip
    return Section(title="Regret by reference", text=text, columns=columns, rows=tuple(rows))


def _row(name: str, tried: Sequence[Found], held: Mapping[Cell, Found]) -> tuple[str | float | int | None, ...]:
    scores = [e.outcome.score for e in tried if e.candidate.genome.reference == name and e.outcome.score is not None]
    elites = [entry for cell, entry in held.items() if cell[-1] == name]
    regret = mean_of([entry.outcome.score or 0.0 for entry in elites])
    share = share_of(sum((entry.outcome.score or 0.0) >= ADVERSARIAL for entry in elites), len(elites))
    won = fmean(entry.outcome.measures["won"] for entry in elites) if elites else None
    figures = [fmean(scores) if scores else None, *regret[:3], *share[:3], won]
    mean, middle, low, high, part, least, most, wins = (
        None if one is None or one != one else round(one, 3) for one in figures
    )
    return name, len(scores), mean, len(elites), middle, low, high, part, least, most, wins


def _vulnerabilities(found: Sequence[Vulnerability], elites: Sequence[Found]) -> Section:
    bad = sum((entry.outcome.score or 0.0) >= ADVERSARIAL for entry in elites)
    text = (
        f"{bad} elites are adversarial. Each is sorted by the failure that stands out in it: what the target did "
        "oftener than its measure, in standard deviations over all elites. The measure of an attack is the reference "
        "from the same level by the same draws; that of a defence is the same defence when the target attacks."
    )
    columns = (
        "vulnerability", "the target …", "elites", "share", "low", "high", "mean regret", "rate", "its measure", "unit",
        "example",
    )  # fmt: skip
    rows = []
    for one in found:
        share, failure = one.share, one.failure
        figures = (share.middle, share.low, share.high, one.regret.middle, one.often, one.measure)
        rounded = tuple(round(figure, 3) for figure in figures)
        example = one.entries[0].candidate.id[:8]
        rows.append((failure.name, failure.words, len(one.entries), *rounded, failure.unit, example))
    return Section(title="Vulnerabilities", text=text, columns=columns, rows=tuple(rows))


def _worst(elites: Sequence[Found], found: Sequence[Vulnerability]) -> Section:
    """The clearest of each vulnerability first, then those of the most regret."""
    named = [(one.failure.name, one.entries[0]) for one in found]
    ranked = sorted(elites, key=lambda entry: (-(entry.outcome.score or 0.0), entry.candidate.id))
    rest = [("", entry) for entry in ranked if all(entry is not one for _, one in named)]
    pictures = [_captioned(entry, name) for name, entry in [*named, *rest][:DRAWN]]
    text = (
        "Left, in blue, attacks to the right: the reference first, then the target. Right is the target. As they begin."
    )
    return Section(title="Levels to look at", text=text, pictures=tuple(pictures))


def _captioned(entry: Found, name: str) -> Picture:
    level, measures = entry.candidate.genome, entry.outcome.measures
    head = f"{name}: " if name else ""
    words = (
        f"{head}regret {measures['regret']:+.2f}: {level.reference} {measures['reference']:+.2f}, the target "
        f"{measures['target']:+.2f} ({entry.candidate.id[:8]})"
    )
    return drawn(level).model_copy(update={"caption": words})
