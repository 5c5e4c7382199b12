"""What each operation takes, checked before anything is done: for models, commands and pages alike."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from wunderkammer.core.contract import Frozen

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^\w[\w.-]*$")]
RunName = Annotated[Name, Field(description="Beginning of a run's id, or latest.")]
Count = Annotated[int, Field(ge=1, le=200, description="At most so many.")]
Minutes = Annotated[float | None, Field(gt=0, le=100_000, description="Stop after so many minutes.")]
Calls = Annotated[int | None, Field(ge=1, description="Stop after so many model calls.")]
Address = Annotated[
    str | None,
    Field(max_length=300, description="SERVER#MODEL of wunder.toml, embedded, or http://host:port/v1#MODEL."),
]


class Nothing(Frozen):
    """No arguments."""


class OneDomain(Frozen):
    domain: Annotated[Name, Field(description="Name of a domain, as list_domains has it.")]


class Runs(Frozen):
    status: Annotated[
        Literal["running", "paused", "finished", "stopped", "failed", "interrupted"] | None,
        Field(description="Only these."),
    ] = None
    domain: Annotated[Name | None, Field(description="Only of this domain.")] = None
    count: Count = 20


class OneRun(Frozen):
    run: RunName = "latest"


class NamedRun(Frozen):
    run: Annotated[Name, Field(description="Beginning of a run's id.")]


class Watch(Frozen):
    run: RunName = "latest"
    count: Count = 12


class Start(Frozen):
    domain: Annotated[Name, Field(description="What to explore, as list_domains has it.")]
    preset: Annotated[Name | None, Field(description="smoke (seconds), cpu (minutes) or gpu; default: cpu.")] = None
    steps: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    batch: Annotated[int | None, Field(ge=1, le=4096, description="Candidates per step.")] = None
    seed: int | None = None
    minutes: Minutes = None
    calls: Calls = None
    target: Address = None
    judge: Address = None
    mutator: Address = None
    classifier: Address = None
    ablate: Annotated[Name | None, Field(description="Part of the method to switch off, to compare.")] = None
    options: Annotated[
        dict[Name, str | int | float | bool],
        Field(max_length=40, description="Settings of the domain itself, as describe_domain has them."),
    ] = Field(default_factory=dict)


class StartEverything(Frozen):
    only: Annotated[
        tuple[Name, ...], Field(max_length=32, description="Domains; default: all that are installed.")
    ] = ()
    without: Annotated[
        tuple[Name, ...], Field(max_length=32, description="Domains, or actions: search, study, harden.")
    ] = ()
    minutes: Minutes = None
    calls: Calls = None
    money: Annotated[float | None, Field(gt=0, description="Stop after so much money.")] = None
    gpu_minutes: Annotated[float | None, Field(ge=0, description="What jobs may take of GPUs.")] = None
    preset: Annotated[Name | None, Field(description="smoke, cpu or gpu; default: cpu.")] = None
    seed: int | None = None

    @field_validator("only", mode="before")
    @classmethod
    def _everything(cls, names: object) -> object:
        """`everything` is how people say that they name none."""
        if isinstance(names, (list, tuple)):
            return tuple(name for name in names if name != "everything")
        return names

    @model_validator(mode="after")
    def _ends(self) -> StartEverything:
        if self.minutes is None and self.calls is None and self.money is None:
            raise ValueError("it needs an end: minutes, calls or money")
        return self


class Resume(Frozen):
    run: RunName = "latest"
    minutes: Minutes = None
    calls: Calls = None


class Steer(Frozen):
    message: Annotated[
        str,
        Field(
            min_length=1, max_length=500, description="focus VALUE, avoid VALUE, forget, or advice in the user's words."
        ),
    ]
    run: RunName = "latest"


class Compare(Frozen):
    runs: Annotated[tuple[Name, ...], Field(min_length=2, max_length=8, description="Beginnings of the runs' ids.")]


class Query(Frozen):
    run: RunName = "latest"
    where: Annotated[
        dict[str, str], Field(max_length=8, description="Axis to value, for example {risk: Fraud}; beginnings will do.")
    ] = Field(default_factory=dict)
    text: Annotated[str | None, Field(max_length=200, description="Only candidates that contain this.")] = None
    min_fitness: Annotated[float | None, Field(description="Only with at least this fitness.")] = None
    order: Annotated[Literal["fitness", "newest", "cell"], Field(description="What comes first.")] = "fitness"
    tried: Annotated[bool, Field(description="All that was evaluated, not only what holds a cell.")] = False
    count: Count = 10


class Find(Frozen):
    text: Annotated[str, Field(min_length=1, max_length=2000, description="What to look for, by meaning.")]
    domain: Annotated[Name | None, Field(description="Only of this domain.")] = None
    count: Count = 8


class Explain(Frozen):
    candidate: Annotated[Name, Field(description="Beginning of a candidate's id.")]


class Study(Frozen):
    domain: Annotated[Name, Field(description="What to study, for example search-study.")]
    preset: Annotated[Name | None, Field(description="smoke, cpu or gpu; default: cpu.")] = None
    pairs: Annotated[int | None, Field(ge=2, le=10_000, description="Seeds per hypothesis.")] = None
    rounds: Annotated[int | None, Field(ge=1, le=100, description="1: no follow-ups.")] = None
    minutes: Minutes = None


class Harden(Frozen):
    runs: Annotated[tuple[Name, ...], Field(min_length=1, max_length=32, description="Finished runs to learn from.")]
    preset: Annotated[Name | None, Field(description="smoke, cpu or gpu; default: cpu.")] = None
    method: Annotated[Literal["sft", "dpo"] | None, Field(description="Learn right answers, or prefer them.")] = None
    minutes: Minutes = None
    calls: Calls = None


class Findings(Frozen):
    run: Annotated[Name | None, Field(description="Only of this run or study.")] = None
    count: Count = 20


class OneFinding(Frozen):
    finding: Annotated[Name, Field(description="Beginning of a finding's id, or latest.")]


class Jobs(Frozen):
    status: Literal["queued", "running", "done", "failed", "cancelled"] | None = None
    count: Count = 20


class Plot(Frozen):
    runs: Annotated[tuple[Name, ...], Field(max_length=8, description="Runs to draw; default: the latest.")] = (
        "latest",
    )
    figure: Annotated[
        Literal["coverage", "qd_score", "accepted", "calls", "tokens", "archive"],
        Field(description="A curve over steps; archive: the map of cells of one run."),
    ] = "coverage"
    file: Annotated[
        str | None, Field(pattern=r"^[\w-]{1,60}(\.svg)?$", description="Name of the file, without a folder.")
    ] = None


class Spend(Frozen):
    run: Annotated[Name | None, Field(description="Only of this run; default: everything.")] = None
