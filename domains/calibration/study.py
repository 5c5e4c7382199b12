"""Calibration sets as the thing that is studied: a cell is a quantiser on a set, a job quantises and examines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, ClassVar, Literal

from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Job, Lab, Outcome, Section
from wunderkammer.core.results import figures_of
from wunderkammer.core.study import Expectation, Hypothesis, Plain, another, settings_in_words, settings_of
from wunderkammer.core.weights import weights_job
from wunderkammer.core.work import Resources
from wunderkammer.domains.calibration.settings import (
    CALIBRATED,
    MATTERS,
    NARROW,
    SETS,
    CalibrationOptions,
    CalibrationSettings,
    Quantiser,
)
from wunderkammer.domains.calibration.spread import sections

MODULE = "wunderkammer.jobs.quantise.cell"
ENVIRONMENT = "quantise"
LOSS = "loss"


class CalibrationStudy:
    """Does the calibration set matter, to which quantiser, for this model? (Paglieri et al. 2024)"""

    name: ClassVar[str] = "calibration-study"
    kind: ClassVar[Literal["discovery"]] = "discovery"
    title: ClassVar[str] = "Whether the calibration set of post-training quantisation matters for a model"
    axes: ClassVar[Mapping[str, Sequence[str]]] = {}
    genome: ClassVar[type[Frozen]] = CalibrationSettings
    options: ClassVar[type[Frozen]] = CalibrationOptions
    measures: ClassVar[Mapping[str, float]] = {LOSS: MATTERS, "accuracy": 0.03}

    def __init__(self, options: CalibrationOptions = CalibrationOptions()) -> None:
        self.settings = options

    def hypotheses(self) -> Sequence[Hypothesis]:
        """The paper's claim, set by set and quantiser by quantiser, after the check without which nothing counts."""
        useful: list[Quantiser] = ["gptq", "awq"]
        checks = [
            self._compare("quantiser", one, "round", "lower", 0.0, "calibration is worth its while at all")
            for one in useful
        ]
        cure = self._compare("quantiser", "smooth", "static", "lower", 0.0, "smoothing takes outliers off activations")
        others = [name for name in SETS if name != "prose"] + (["mine"] if self.settings.mine else [])
        same = [
            self._compare("set", name, "prose", "same", MATTERS, "modern models hardly depend on the set", one)
            for one in CALIBRATED
            for name in others
        ]
        return [*checks, cure, *same]

    def seeds(self, rng: Random) -> Iterator[CalibrationSettings]:
        """Every quantiser on prose."""
        seed = rng.randrange(1_000_000)
        for quantiser in settings_of(CalibrationSettings)["quantiser"]:
            yield CalibrationSettings.model_validate({"quantiser": quantiser, "seed": seed})

    async def vary(
        self, parents: Sequence[Candidate[CalibrationSettings]], aim: Cell | None, lab: Lab
    ) -> CalibrationSettings | None:
        """A parent with another quantiser or another set; a study itself chooses by hypotheses."""
        genome = parents[0].genome if parents else CalibrationSettings(seed=lab.rng.randrange(1_000_000))
        quantisers = settings_of(CalibrationSettings)["quantiser"]
        return another(genome, {"quantiser": quantisers, "set": SETS}, lab.rng)

    def text(self, genome: CalibrationSettings) -> str:
        """The cell in words."""
        changed = genome.model_dump(exclude_defaults=True, exclude={"seed", "quantiser", "set"})
        more = f" with {settings_in_words(changed)}" if changed else ""
        return f"{self.settings.model}: {genome.quantiser} on {genome.set}{more}, seed {genome.seed}"

    def jobs(self, candidate: Candidate[CalibrationSettings]) -> Sequence[Job]:
        """The weights, then the cell; what does not matter to a quantiser is put at its default, so that cells which
        cannot differ are one job."""
        genome = candidate.genome
        weights = weights_job(self.settings.base)
        args: dict[str, Any] = genome.model_dump(exclude={"seed"}) | self.settings.file(genome.set)
        free = genome.quantiser not in CALIBRATED
        if free:
            args |= {"set": "prose", "samples": 0, "tokens": 0}
            args = {name: value for name, value in args.items() if not name.startswith("file")}
        if genome.quantiser not in NARROW:
            args |= {"bits": 8, "group": 0}
        gpus = self.settings.gpus
        cell = Job(
            module=MODULE,
            args=args,
            seed=0 if free else genome.seed,
            after=(weights.id,),
            title=self.text(genome),
            needs=Resources(cores=2, memory_gib=4.0, gpus=gpus, gpu_memory_gib=16.0 * gpus),
            environment=ENVIRONMENT,
        )
        return [weights, cell]

    def read(self, candidate: Candidate[CalibrationSettings], artifacts: Mapping[str, str]) -> Outcome:
        """The figures of `result.json`; `JobFailed` where it is not what the job promised. Less loss scores higher."""
        job = self.jobs(candidate)[-1]
        figures = figures_of(job, artifacts, LOSS)
        return Outcome(score=-figures[LOSS], cell=None, measures=figures)

    def sections(self, tried: Iterable[Entry[CalibrationSettings]]) -> Sequence[Section]:
        """The spread over sets, quantiser by quantiser, and whether it matters."""
        return sections(tried)

    def _compare(
        self,
        setting: str,
        treatment: Plain,
        control: Plain,
        expects: Expectation,
        margin: float,
        because: str,
        quantiser: Quantiser | None = None,
    ) -> Hypothesis:
        return Hypothesis(
            domain=self.name,
            treatment={setting: treatment},
            control={setting: control},
            given={} if quantiser is None else {"quantiser": quantiser},
            measure=LOSS,
            expects=expects,
            margin=margin,
            because=because,
        )
