"""`madrid`: levels of football from which somebody else would do better than the target."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from random import Random
from typing import ClassVar, cast

from wunderkammer.core.abilities import Emitter, Evaluator, Group, Picture, Section
from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Kind, Lab, Outcome
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import content_id
from wunderkammer.domains.madrid import clips
from wunderkammer.domains.madrid.cells import axes_of
from wunderkammer.domains.madrid.drawing import drawn
from wunderkammer.domains.madrid.emitters import CmaMe, Settings
from wunderkammer.domains.madrid.matches import Engine, Trial, regrets
from wunderkammer.domains.madrid.options import REFERENCES, Form, MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario, worded
from wunderkammer.domains.madrid.sections import told
from wunderkammer.domains.madrid.variation import fresh, generator, varied
from wunderkammer.domains.madrid.vulnerabilities import ADVERSARIAL, found_in

FAULT = "an action of the target or of the reference was none; the matches count for nobody"


class Madrid:
    """Environments by regret. Implements Domain, Evaluates, Emits, Explains, Groups, Needs, Rates, Redraws and
    Views."""

    name: ClassVar[str] = "madrid"
    kind: ClassVar[Kind] = "environment"
    title: ClassVar[str] = "Positions in football from which others would do better: place of the ball × reference"
    axes: Mapping[str, Sequence[str]] = axes_of(REFERENCES)
    genome: ClassVar[type[Frozen]] = Scenario
    options: ClassVar[type[Frozen]] = MadridOptions
    together: ClassVar[int] = 256
    evaluators: ClassVar[Sequence[Evaluator]] = (
        Evaluator(name="regret", measure="regret", threshold=ADVERSARIAL, rule=f"regret of at least {ADVERSARIAL:g}"),
        Evaluator(name="reference", measure="won", threshold=0.5, rule="the reference wins half of its matches"),
    )
    fitness_is: ClassVar[str] = "V(reference, target) − V(target, target), the target's regret, from −2 to 2"
    packages: ClassVar[Sequence[str]] = ("jax",)
    naming: ClassVar[str] = "madrid/name"

    def __init__(self, options: Frozen) -> None:
        self.settings = MadridOptions.model_validate(options.model_dump())
        self.axes = axes_of(self.settings.references)

    # ---- proposing -------------------------------------------------------------------------------------------------

    def seeds(self, rng: Random) -> Iterator[Scenario]:
        """Endless: everybody anywhere, each by the standard of one of the references."""
        draw = generator(rng)
        while True:
            yield fresh(draw, self.settings.players, str(draw.choice(self.settings.references)), None, "seed")

    async def vary(self, parents: Sequence[Candidate[Scenario]], aim: Cell | None, lab: Lab) -> Scenario | None:
        """The first parent, moved; without a parent, or by the methods that know none, a level by chance."""
        options, draw = self.settings, generator(lab.rng)
        aim = None if options.method == "random" else aim
        form = cast(Form, lab.pick(options.forms)) if options.method == "madrid" else "fresh"
        if not parents or form == "fresh":
            return fresh(draw, options.players, str(draw.choice(options.references)), aim)
        return varied(parents[0].genome, form, aim, options.sigma, draw)

    def emitter(self, seed: int, batch: int) -> Emitter[Scenario] | None:
        """CMA-ME, where the options say so."""
        options = self.settings
        if options.proposer != "cma":
            return None
        return CmaMe(Settings(options.players, options.references, options.sigma, batch, seed))

    def text(self, genome: Scenario) -> str:
        """The situation in words, then every place."""
        return worded(genome)

    # ---- evaluating ------------------------------------------------------------------------------------------------

    async def evaluate(self, candidates: Sequence[Candidate[Scenario]], lab: Lab) -> Sequence[Outcome]:
        """Matches from all levels. What a level is worth follows from its places, its reference and the options alone:
        not from what it is played together with, nor from when. Matches with an action that is none are an error."""
        levels = [one.genome for one in candidates]
        for level in levels:
            self._check(level)
        seeds = [self._seed(level) for level in levels]
        trials = await asyncio.to_thread(regrets, self._engine, self.settings.target, levels, seeds)
        worth = [at for at, trial in enumerate(trials) if trial.regret >= self.settings.clips_from and not trial.fault]
        files = await asyncio.to_thread(self._clips, [levels[at] for at in worth], [seeds[at] for at in worth])
        kept = {at: lab.keep(data, clips.SUFFIX) for at, data in zip(worth, files, strict=True) if data}
        return [self._outcome(level, trials[at], kept.get(at)) for at, level in enumerate(levels)]

    def redrawn(self, salt: str, times: int) -> Madrid:
        """By other draws, and nothing is kept to be looked at."""
        changes = {"salt": salt, "repeats": times, "clips_from": 3.0}
        return Madrid(self.settings.model_copy(update=changes))

    def _seed(self, level: Scenario) -> int:
        return int(content_id(level.left, level.right, level.ball, level.reference, self.settings.salt), 16) % 2**32

    def _clips(self, levels: Sequence[Scenario], seeds: Sequence[int]) -> list[bytes | None]:
        return [self._clip(level, seed) for level, seed in zip(levels, seeds, strict=True)]

    def _clip(self, level: Scenario, seed: int) -> bytes | None:
        engine, target = self._engine, self.settings.target
        reference, own = (engine.clip(left, target, level, seed) for left in (level.reference, target))
        return clips.packed(reference, own) if reference and own else None

    def _outcome(self, level: Scenario, trial: Trial, clip: str | None) -> Outcome:
        if trial.fault:
            return Outcome(score=None, cell=None, error=FAULT)
        regret = round(trial.regret, 6)
        figures = {
            "regret": regret,
            "spread": round(trial.spread, 6),
            "reference": round(trial.reference, 6),
            "target": round(trial.target, 6),
            "won": round(trial.won, 6),
        }
        for name, (often, more) in trial.figures.items():
            figures[name] = round(often, 4)
            figures[f"{name}: more"] = round(more, 4)
        cell = None if self.settings.method == "random" else level.cell
        return Outcome(score=regret, cell=cell, measures=figures, artifacts=(clip,) if clip else ())

    def _check(self, level: Scenario) -> None:
        if level.players != self.settings.players:
            raise ConfigError(
                f"a level of {level.players} players in a run of {self.settings.players}; run it with "
                f"-o players={level.players}"
            )
        if level.reference not in self.settings.references:
            known = ", ".join(self.settings.references)
            raise ConfigError(f"reference {level.reference!r} of a level is none of this run's: {known}")

    @cached_property
    def _engine(self) -> Engine:
        from wunderkammer.domains.madrid.engine import engine

        return engine(self.settings)

    # ---- telling ---------------------------------------------------------------------------------------------------

    def picture(self, genome: Scenario) -> Picture:
        """The pitch with everybody on it."""
        return drawn(genome)

    def rollout(self, entry: Entry[Scenario], artifacts: Mapping[str, str]) -> Picture | None:
        """A match of the reference and one of the target from the level, side by side; None where none was kept."""
        kept = [artifacts[name] for name in entry.outcome.artifacts if name in artifacts]
        if not kept:
            return None
        return clips.animated(Path(kept[0]).read_bytes())

    def sections(self, tried: Iterable[Entry[Scenario]]) -> Sequence[Section]:
        """Regret by reference, where on the pitch, by what failures, and from which levels."""
        return told(list(tried), self.settings)

    def groups(self, elites: Sequence[Entry[Scenario]]) -> Sequence[Group]:
        """The elites' vulnerabilities."""
        return [one.group for one in found_in(elites)]
