"""A peepshow: a small domain whose candidates can be looked at, and words that are made to hurt whoever shows them."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import ClassVar

import numpy as np

from wunderkammer import domains
from wunderkammer.core.abilities import Picture
from wunderkammer.core.contract import Candidate, Entry, Frozen, Outcome
from wunderkammer.core.plan import make_plan
from wunderkammer.core.records import Aim, Finding
from wunderkammer.core.study import Hypothesis
from wunderkammer.memory import runs, slots
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.findings import keep_finding
from wunderkammer.memory.ledger import address_of, opened

HOSTILE = "<img src=x onerror=\"document.body.dataset.hurt='yes'\"><script>document.body.dataset.hurt='yes'</script>"
"""A model's words that would run, if any page took them for markup."""
BAD_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 60" onload="document.documentElement.dataset.hurt=1">'
    "<script>document.documentElement.dataset.hurt=1</script>"
    '<foreignObject width="60" height="60"><img xmlns="http://www.w3.org/1999/xhtml" src="x" '
    'onerror="document.documentElement.dataset.hurt=1"/></foreignObject></svg>'
)
SIDE = 9


class Scene(Frozen):
    """A genome: walls on a grid, row by row, and what is written beneath."""

    walls: str
    title: str = ""


class Options(Frozen):
    """None."""


class Peepshow:
    """Grids with walls; the more walls the better."""

    name: ClassVar[str] = "peepshow"
    kind: ClassVar[str] = "environment"
    title: ClassVar[str] = "Scenes behind a little window"
    axes: ClassVar[dict[str, tuple[str, ...]]] = {"walls": ("few", "some", "many"), "light": tuple("abcd")}
    genome: ClassVar[type[Frozen]] = Scene
    options: ClassVar[type[Frozen]] = Options
    together: ClassVar[int] = 1

    def __init__(self, options: Options = Options()) -> None: ...

    def seeds(self, rng: Random):
        yield scene(rng)

    async def vary(self, parents, aim, lab):
        return scene(lab.rng)

    def text(self, genome: Scene) -> str:
        rows = [genome.walls[at : at + SIDE] for at in range(0, SIDE * SIDE, SIDE)]
        return "\n".join([*rows, genome.title]).strip()

    async def evaluate(self, candidates, lab):
        return [outcome(one.genome, 0) for one in candidates]

    def picture(self, genome: Scene) -> Picture:
        if genome.title == "bad":
            return Picture(media="image/svg+xml", data=BAD_SVG.encode(), caption=HOSTILE)
        return Picture(media="image/svg+xml", data=drawn(genome).encode(), caption=f"A grid: {genome.title or 'bare'}")

    def rollout(self, entry: Entry[Scene], artifacts: Mapping[str, str]) -> Picture | None:
        for name, path in artifacts.items():
            if name.endswith(".svg"):
                return Picture(media="image/svg+xml", data=Path(path).read_bytes(), caption="The way through")
        return None


def scene(rng: Random, title: str = "") -> Scene:
    share = rng.uniform(0.1, 0.6)
    return Scene(walls="".join("#" if rng.random() < share else "." for _ in range(SIDE * SIDE)), title=title)


def outcome(genome: Scene, light: int, artifacts: tuple[str, ...] = ()) -> Outcome:
    share = genome.walls.count("#") / len(genome.walls)
    walls = "few" if share < 0.25 else "some" if share < 0.42 else "many"
    notes = {"answer": HOSTILE if genome.title == "bad" else "went round twice"}
    measures = {"walls": share, "turns": float(genome.walls.count("#."))}
    return Outcome(score=share, cell=(walls, "abcd"[light % 4]), measures=measures, notes=notes, artifacts=artifacts)


def drawn(genome: Scene, path: str = "") -> str:
    squares = "".join(
        f'<rect x="{at % SIDE}" y="{at // SIDE}" width="1" height="1" fill="#2f4a86"/>'
        for at, what in enumerate(genome.walls)
        if what == "#"
    )
    line = f'<polyline points="{path}" fill="none" stroke="#b0512b" stroke-width=".25"/>' if path else ""
    frame = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="270" height="270">'
    return f'{frame}<rect width="{SIDE}" height="{SIDE}" fill="#f4efe2"/>{squares}{line}</svg>'


def install(monkeypatch) -> None:
    """Let the peepshow be among the installed domains."""
    known = domains.installed()
    monkeypatch.setattr(domains, "installed", lambda: {**known, Peepshow.name: Peepshow})


def exhibit(home: Path, count: int = 14, run: str = "bee5e0001234") -> str:
    """Write a finished run of scenes into the ledger of a home; the last scene is hostile."""
    rng, store = random.Random(4), Artifacts(home / "artifacts")
    plan = make_plan({"domain": Peepshow.name, "steps": 1, "batch": count})
    with opened(address_of(home)) as ledger:
        runs.begin(ledger, runs.Run(run, Peepshow.name, plan, {}, None, 0, 1_700_000_000.0))
        for slot in range(count):
            made = scene(rng, "bad" if slot == count - 1 else f"scene {slot}")
            path = " ".join(f"{x + 0.5},{rng.randrange(SIDE) + 0.5}" for x in range(SIDE))
            files = (store.keep(drawn(made, path).encode(), ".svg"), "../../wunder.toml")
            candidate = Candidate(domain=Peepshow.name, genome=made)
            slots.keep_candidate(ledger, candidate, Peepshow().text(made))
            aim = Aim(slot=slot, step=0, origin="seed")
            found = outcome(made, slot, files)
            slots.keep_outcome(ledger, run, aim, fate="evaluated", candidate=candidate.id, outcome=found, arm=None)
        ledger.flush_now()
    return run


def discoveries(home: Path, run: str) -> list[Finding]:
    """Write findings of all kinds into the ledger of a home: tested ones of a study, and some seen in a run."""
    rng = np.random.default_rng(2)
    found = []
    words = ("supported", "refuted", "undecided")
    for number in range(6):
        domain = ("soil", "glass")[number % 2]
        asked = Hypothesis(
            domain=domain,
            treatment={"lime": True},
            control={"lime": False},
            given={"depth": number},
            measure="yield",
            expects=("higher", "lower", "same")[number % 3],
            margin=0.4,
            because="it has been said so" if number else HOSTILE,
        )
        mean = float(rng.normal())
        figures = {"difference": mean, "low": mean - 0.5, "high": mean + 0.4, "p": 0.01 * number, "n": 8.0}
        found.append(
            Finding(
                run="5caffe001234",
                kind="study",
                claim=f"With {asked.contrast}, {asked.threshold} is {words[number % 3]}: difference {mean:+.3g}.",
                comment=HOSTILE if number == 0 else "Lime does it.",
                statistics=figures,
                jobs=("ab" * 12,),
                evidence=("cd" * 12,),
                domain=domain,
                verdict=words[number % 3],
                hypothesis=asked,
                threshold=asked.threshold,
                refuted_by=asked.refuted_by,
                reproduce=f"wunder study {domain} --vary lime=true --against lime=false --pairs 8",
            )
        )
    found.append(Finding(run=run, claim=f"Along walls, elites are strongest at many. {HOSTILE}", domain="peepshow"))
    with opened(address_of(home)) as ledger:
        for one in found:
            keep_finding(ledger, one)
        ledger.flush_now()
    return found
