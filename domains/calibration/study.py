"""Calibration sets as the thing that is studied: a cell is a quantiser on a set, a job quantises and examines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Literal

from wunderkammer.core.abilities import Picture, Section
from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Job, Lab, Outcome
from wunderkammer.core.results import figures_of
from wunderkammer.core.study import Expectation, Hypothesis, Plain, another, settings_in_words, settings_of
from wunderkammer.core.weights import weights_job
from wunderkammer.core.work import Resources
from wunderkammer.domains.calibration.doses import doses, responses
from wunderkammer.domains.calibration.drawing import by_architecture, by_dose, by_set
from wunderkammer.domains.calibration.settings import (
    CALIBRATED,
    MATTERS,
    NARROW,
    CalibrationOptions,
    CalibrationSettings,
    Quantiser,
)
from wunderkammer.domains.calibration.spread import OF, collected, sections

MODULE = "wunderkammer.jobs.quantise.cell"
PAIR = "wunderkammer.jobs.quantise.pair"
WATCH = "wunderkammer.jobs.quantise.activations"
EXPORT = "wunderkammer.jobs.quantise.export"
ENVIRONMENT = "quantise"
VERSION = 2
"""Of what a cell finds for the same arguments."""
LOSS, SPREAD, COST, KURTOSIS = "loss", "spread", "cost", "kurtosis"
TAILS = 10.0
"""Difference of the largest kurtosis of a layer's inputs that counts; a normal distribution has 3."""
TRAINED: Mapping[str, int | float] = {"rows": 16, "context": 128, "rate": 1e-3}
"""How a model that is trained on the spot is trained, beside its steps."""
LOOKED: dict[str, str | int | float | bool] = {"set": "prose", "rows": 16, "tokens": 128, "precision": "fp32"}
"""What layers are watched on, for their kurtosis."""


class CalibrationStudy:
    """Does the calibration set matter, to which quantiser, for this model? (Paglieri et al. 2024)"""

    name: ClassVar[str] = "calibration-study"
    kind: ClassVar[Literal["discovery"]] = "discovery"
    title: ClassVar[str] = "Whether the calibration set of post-training quantisation matters for a model"
    axes: ClassVar[Mapping[str, Sequence[str]]] = {}
    genome: ClassVar[type[Frozen]] = CalibrationSettings
    options: ClassVar[type[Frozen]] = CalibrationOptions
    measures: ClassVar[Mapping[str, float]] = {
        LOSS: MATTERS,
        SPREAD: MATTERS,
        COST: MATTERS,
        KURTOSIS: TAILS,
        "accuracy": 0.03,
    }

    def __init__(self, options: CalibrationOptions = CalibrationOptions()) -> None:
        self.settings = options

    def hypotheses(self) -> Sequence[Hypothesis]:
        """Few, and stated before any cell is run: judged together, six need eight pairs of seeds, nineteen ten."""
        return {"sets": self._on_sets, "outliers": self._on_outliers, "pair": self._on_the_pair}[self.settings.table]()

    def _on_sets(self) -> list[Hypothesis]:
        """The check without which nothing counts, and the paper's claim, quantiser by quantiser."""
        worthwhile: tuple[Quantiser, ...] = ("gptq", "awq")
        useful, claim = "calibration is worth its while", "modern models hardly depend on the set"
        rounded: dict[str, Plain] = {"quantiser": "round"}
        first = self.settings.sets[0]
        under: dict[str, Plain] = {} if first == CalibrationSettings().set else {"set": first}
        return [
            *(self._compare({"quantiser": one}, rounded, under, LOSS, "lower", 0.0, useful) for one in worthwhile),
            *(
                self._compare({"set": "every"}, {"set": first}, {"quantiser": one}, SPREAD, "same", MATTERS, claim)
                for one in CALIBRATED
            ),
        ]

    def _on_outliers(self) -> list[Hypothesis]:
        """What outliers cost W8A8, and whether SmoothQuant takes the cost away."""
        plain: dict[str, Plain] = {"outliers": 1}
        naive: dict[str, Plain] = {"quantiser": "dynamic"}
        spoils, cures = "one large channel takes the range of a token", "smoothing moves outliers into the weights"
        smooth: dict[str, Plain] = {"quantiser": "smooth"}
        static: dict[str, Plain] = {"quantiser": "static"}
        return [
            self._compare({"outliers": 100}, plain, naive, LOSS, "higher", MATTERS, spoils),
            self._compare({"outliers": 10}, plain, naive, LOSS, "higher", MATTERS, spoils),
            self._compare(smooth, static, {"outliers": 100}, LOSS, "lower", MATTERS, cures),
            self._compare({"outliers": 100}, plain, smooth, LOSS, "same", MATTERS, cures),
        ]

    def _on_the_pair(self) -> list[Hypothesis]:
        """Whether what models were built of is where outliers come from, and what they cost."""
        old: dict[str, Plain] = {"architecture": "old"}
        new: dict[str, Plain] = {"architecture": "new"}
        static: dict[str, Plain] = {"quantiser": "static"}
        why = "older blocks grow outliers, newer ones do not"
        return [
            self._compare(old, new, static, KURTOSIS, "higher", TAILS, why),
            self._compare(old, new, static, COST, "higher", MATTERS, why),
        ]

    def seeds(self, rng: Random) -> Iterator[CalibrationSettings]:
        """Every quantiser on prose."""
        seed = rng.randrange(1_000_000)
        for quantiser in settings_of(CalibrationSettings)["quantiser"]:
            yield CalibrationSettings.model_validate({"quantiser": quantiser, "seed": seed})

    async def vary(
        self, parents: Sequence[Candidate[CalibrationSettings]], aim: Cell | None, lab: Lab
    ) -> CalibrationSettings | None:
        """A parent with one setting changed; a study itself chooses by hypotheses."""
        genome = parents[0].genome if parents else CalibrationSettings(seed=lab.rng.randrange(1_000_000))
        settings = {**settings_of(CalibrationSettings), "set": (*self.settings.sets, "every")}
        return another(genome, settings, lab.rng)

    def text(self, genome: CalibrationSettings) -> str:
        """The cell, and what differs from the defaults."""
        changed = genome.model_dump(exclude_defaults=True, exclude={"seed", "quantiser", "set"})
        more = f" with {settings_in_words(changed)}" if changed else ""
        on = f" on {genome.set}" if genome.quantiser in CALIBRATED else ""
        return f"{self.settings.model}: {genome.quantiser}{on}{more}, seed {genome.seed}"

    def jobs(self, candidate: Candidate[CalibrationSettings]) -> Sequence[Job]:
        """The weights; what a cell is held against, which is run once for all: the model as it is, and the quantiser
        of its kind that looks at no set; then the cell, or one for each set."""
        weights = self._weights(candidate.genome)
        cells = [*self._yardsticks(candidate.genome).values(), *self._parts(candidate.genome).values()]
        watched = [self._watch(weights)] if self._trains(candidate.genome) or self.settings.look else []
        return list({job.id: job for job in (weights, *watched, *(self._cell(weights, one) for one in cells))}.values())

    def exporting(self, genome: CalibrationSettings) -> Sequence[Job]:
        """The weights, and the job that leaves the quantised model of a cell as a folder `model/`."""
        weights = self._weights(genome)
        cell = self._cell(weights, genome)
        args = {name: value for name, value in cell.args.items() if name not in ("held", "questions")}
        made = {"module": EXPORT, "args": args, "version": 1, "title": f"export of {cell.title}"}
        return [weights, Job(**{**cell.model_dump(), **made})]

    def read(self, candidate: Candidate[CalibrationSettings], artifacts: Mapping[str, str]) -> Outcome:
        """The figures of `result.json`; `JobFailed` where it is not what the job promised. Less loss scores higher.

        Measures: those of the cell (of `every`: their means over sets, and the loss of each); `spread`, between the
        best set and the worst; the loss of what it is held against.
        """
        genome, weights = candidate.genome, self._weights(candidate.genome)
        found = {
            name: figures_of(self._cell(weights, one), artifacts, LOSS)
            for name, one in {**self._yardsticks(genome), **self._parts(genome)}.items()
        }
        parts = [found[name] for name in self._parts(genome)]
        shared = set.intersection(*(set(one) for one in parts))
        means = {name: sum(one[name] for one in parts) / len(parts) for name in sorted(shared)}
        losses = [one[LOSS] for one in parts]
        of_sets = {OF + name: found[name][LOSS] for name in self._parts(genome)} if genome.set == "every" else {}
        held_against = {name: found[name][LOSS] for name in self._yardsticks(genome)}
        cost = means[LOSS] - held_against["unquantised"]
        measures = {**means, SPREAD: max(losses) - min(losses), COST: cost, **of_sets, **held_against}
        if self._trains(genome):
            measures[KURTOSIS] = figures_of(self._watch(weights), artifacts, KURTOSIS)[KURTOSIS]
        return Outcome(score=-measures[LOSS], cell=None, measures=measures)

    def sections(self, tried: Iterable[Entry[CalibrationSettings]]) -> Sequence[Section]:
        """The spread over sets, quantiser by quantiser, and whether it matters; what outliers cost."""
        known = list(tried)
        return [*sections(known), *doses(known)]

    def pictures(self, tried: Iterable[Entry[CalibrationSettings]], artifacts: Mapping[str, str]) -> Sequence[Picture]:
        """Losses by set, by dose and by architecture, where there are any; what layers read, of one model each."""
        known = list(tried)
        spreads = {one.quantiser: one.intervals() for one in collected(known)[0]}
        dosed = {name: {dose: one.loss for dose, one in of.items()} for name, of in responses(known).items()}
        tails = _tails(known)
        drawn = [
            *([(by_set(spreads), "Loss after each calibration set, with 95 % over seeds.")] if spreads else []),
            *([(by_dose(dosed), "What outliers that were put in cost each quantiser.")] if dosed else []),
            *([(by_architecture(tails), "Largest kurtosis of what a layer reads.")] if tails else []),
            *self._watched(known, artifacts),
        ]
        return [Picture(media="image/svg+xml", data=one.encode(), caption=caption) for one, caption in drawn]

    def _watched(
        self, known: Iterable[Entry[CalibrationSettings]], artifacts: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        """Sizes of what layers read, drawn by the jobs that watched them: the first of each architecture."""
        shown: set[str] = set()
        for entry in known:
            genome = entry.candidate.genome
            if genome.architecture in shown or not (self._trains(genome) or self.settings.look):
                continue
            folder = artifacts.get(self._watch(self._weights(genome)).id)
            file = Path(folder) / "sizes.svg" if folder else None
            if file is not None and file.is_file():
                shown.add(genome.architecture)
                whose = f"{genome.architecture} blocks" if self._trains(genome) else "the model"
                yield file.read_text("utf-8"), f"Sizes of what each layer of {whose} reads."

    def _parts(self, genome: CalibrationSettings) -> dict[str, CalibrationSettings]:
        """The cells that a candidate is made of, by set."""
        sets = self.settings.sets if genome.set == "every" else (genome.set,)
        if genome.quantiser not in CALIBRATED:
            sets = sets[:1]
        return {name: genome.model_copy(update={"set": name}) for name in sets}

    def _yardsticks(self, genome: CalibrationSettings) -> dict[str, CalibrationSettings]:
        free: Quantiser = "round" if genome.quantiser in NARROW else "dynamic"
        found = {"unquantised": genome.model_copy(update={"quantiser": "none", "outliers": 1})}
        if genome.quantiser in CALIBRATED:
            found["uncalibrated"] = genome.model_copy(update={"quantiser": free})
        return found

    def _trains(self, genome: CalibrationSettings) -> bool:
        return genome.architecture != "given"

    def _weights(self, genome: CalibrationSettings) -> Job:
        """The model that is quantised: the study's, or one that is trained."""
        if not self._trains(genome):
            return weights_job(self.settings.base)
        return Job(
            module=PAIR,
            args={**TRAINED, "architecture": genome.architecture, "steps": genome.steps},
            seed=genome.seed,
            title=f"{genome.architecture} blocks, {genome.steps} steps, seed {genome.seed}",
            needs=Resources(cores=1, memory_gib=2.0, gpus=self.settings.gpus),
            environment=ENVIRONMENT,
            attempts=5,
        )

    def _watch(self, weights: Job) -> Job:
        """What the layers of a model read."""
        return Job(
            module=WATCH,
            args=LOOKED,
            after=(weights.id,),
            title=f"activations of {weights.title}",
            needs=Resources(cores=1, memory_gib=2.0, gpus=self.settings.gpus),
            environment=ENVIRONMENT,
        )

    def _cell(self, weights: Job, genome: CalibrationSettings) -> Job:
        """What does not matter to a quantiser is put at its default, so that cells which cannot differ are one job."""
        free = genome.quantiser not in CALIBRATED
        seeded = not free or genome.outliers != 1
        args: dict[str, Any] = genome.model_dump(exclude={"seed", "architecture", "steps"})
        if genome.outliers == 1:
            del args["outliers"]  # cells from before there was a dose stay what they are
        source, places = ({}, {}) if free else self.settings.source(genome.set)
        args |= {"set": "prose", "samples": 0, "tokens": 0} if free else source
        if genome.quantiser not in NARROW:
            args |= {"bits": 8, "group": 0}
        gpus = self.settings.gpus
        return Job(
            module=MODULE,
            args=args,
            places=places,
            seed=genome.seed if seeded else 0,
            after=(weights.id,),
            version=VERSION,
            title=self.text(genome if seeded else genome.model_copy(update={"seed": 0})),
            needs=Resources(cores=1, memory_gib=4.0, gpus=gpus, gpu_memory_gib=16.0 * gpus),
            environment=ENVIRONMENT,
            attempts=5,
        )

    def _compare(
        self,
        treatment: dict[str, Plain],
        control: dict[str, Plain],
        given: dict[str, Plain],
        measure: str,
        expects: Expectation,
        margin: float,
        because: str,
    ) -> Hypothesis:
        return Hypothesis(
            domain=self.name,
            treatment=treatment,
            control=control,
            given=given,
            measure=measure,
            expects=expects,
            margin=margin,
            because=because,
        )


def _tails(tried: Iterable[Entry[CalibrationSettings]]) -> dict[str, list[float]]:
    """The kurtosis of each model that was trained, by what it was built of."""
    found: dict[str, dict[int, float]] = {}
    for entry in tried:
        genome, measures = entry.candidate.genome, entry.outcome.measures
        if entry.outcome.error is None and genome.architecture != "given" and KURTOSIS in measures:
            found.setdefault(genome.architecture, {})[genome.seed] = measures[KURTOSIS]
    return {name: list(by_seed.values()) for name, by_seed in found.items()}
