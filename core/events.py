"""What happens during a run, in the order it happened: one typed stream for terminal, pages and logs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from wunderkammer.core.autonomy import Costs
from wunderkammer.core.contract import Cell, Frozen, Verdict
from wunderkammer.core.study import Hypothesis, VerdictWord


class Resumed(Frozen):
    """A process took up a run that others had begun; told to watchers, not kept."""

    kind: Literal["resumed"] = "resumed"
    step: int
    """Steps that are remembered."""
    seconds: float
    """How long it has been worked on before."""
    elites: tuple[tuple[Cell, float | None], ...]
    """The filled cells, with their fitness."""


class Planned(Frozen):
    """A step was laid out."""

    kind: Literal["planned"] = "planned"
    step: int
    slots: tuple[int, int]
    """First slot, and one past the last."""


class Explored(Frozen):
    """A slot has run to its end."""

    kind: Literal["explored"] = "explored"
    slot: int
    candidate: str | None
    text: str = ""
    """At most 280 characters, for people to read as it goes by."""
    fate: Literal["elite", "lost", "off-grid", "filtered", "duplicate", "unusable", "error"]
    """`lost`: the incumbent stays. `filtered`: too like its parent. `unusable`: a model's words were.
    `error`: a server's fault or the evaluation's; never a finding about the target."""
    cell: Cell | None = None
    score: float | None = None
    fitness: float | None = None
    verdict: Verdict | None = None
    reason: str | None = None


class Remembered(Frozen):
    """A step is in the ledger and in the archive."""

    kind: Literal["remembered"] = "remembered"
    step: int
    filled: int
    cells: int
    qd_score: float
    accepted: int
    seconds: float
    """Since this process began the run."""


class Spent(Frozen):
    """What the run has used up, over all its processes."""

    kind: Literal["spent"] = "spent"
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float
    errors: int
    in_flight: int


class Heard(Frozen):
    """A message from the inbox was obeyed."""

    kind: Literal["heard"] = "heard"
    text: str
    effect: str


class Reflected(Frozen):
    """The scientist wrote a finding."""

    kind: Literal["reflected"] = "reflected"
    finding: str
    claim: str


class Hypothesised(Frozen):
    """A study wrote down what it will test, and how it will judge: before any job of it was dispatched."""

    kind: Literal["hypothesised"] = "hypothesised"
    round: int
    hypothesis: Hypothesis
    pairs: int
    """Seeds that each side gets."""
    alpha: float
    """The error that its round may make."""
    novelty: float = 1.0
    """Of the question, against earlier findings, in [0, 1]."""
    information: float = 1.0
    """Bits that its answer is expected to bring, in [0, 1]."""


class Designed(Frozen):
    """A candidate of a study was given its slot and its jobs."""

    kind: Literal["designed"] = "designed"
    slot: int
    candidate: str
    seed: int
    jobs: tuple[str, ...]


class Worked(Frozen):
    """A job of a study is over."""

    kind: Literal["worked"] = "worked"
    job: str
    title: str
    status: Literal["done", "failed", "cancelled"]
    reason: str = ""
    seconds: float = 0.0
    gpus: int = 0


class Concluded(Frozen):
    """A study judged a hypothesis."""

    kind: Literal["concluded"] = "concluded"
    round: int
    hypothesis: str
    finding: str
    verdict: VerdictWord
    claim: str


class Chosen(Frozen):
    """An autonomous run decided what to do next, and why; both opinions are kept, so that they can be compared."""

    kind: Literal["chosen"] = "chosen"
    step: int
    arm: str
    """The activity: `search rainbow-skills`."""
    by: Literal["bandit", "model", "user"]
    reason: str
    bandit: str
    """What the bandit would do."""
    model: str = ""
    """What the planner's model would do; empty: it had nothing usable to say, or was not asked."""
    values: dict[str, float] = Field(default_factory=dict)
    """The bandit's values; an activity that was never tried has none."""
    part: str
    """The run, study or hardening that goes on."""
    first: int = 0
    """Of a search: the step it goes on from. Of a hardening: the stages that are behind it."""
    end: int = 0
    """Of a search: one past the last step that it is to do."""
    waiting: dict[str, str] = Field(default_factory=dict)
    """Activities that could not be chosen yet, each with the reason."""
    before: Costs = Costs()
    """What had been spent in all."""


class Acted(Frozen):
    """What a choice came to."""

    kind: Literal["acted"] = "acted"
    step: int
    arm: str
    part: str
    gain: float
    """Discoveries."""
    cost: float
    """Share of the budget."""
    spent: Costs
    failed: bool = False
    reason: str = ""
    figures: dict[str, float] = Field(default_factory=dict)


class Ticked(Frozen):
    """So long a study or an autonomous run has been worked on, over all its processes; kept, not told to watchers."""

    kind: Literal["ticked"] = "ticked"
    seconds: float


class Ended(Frozen):
    """The run has come to rest."""

    kind: Literal["ended"] = "ended"
    status: Literal["paused", "finished", "stopped", "failed"]
    reason: str


Event = Annotated[
    Resumed
    | Planned
    | Explored
    | Remembered
    | Spent
    | Heard
    | Reflected
    | Hypothesised
    | Designed
    | Worked
    | Concluded
    | Chosen
    | Acted
    | Ticked
    | Ended,
    Field(discriminator="kind"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
