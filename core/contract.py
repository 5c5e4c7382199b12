"""What a domain is, and what the rest of the house may expect of it.

A *candidate* is an artifact that somebody proposed: an attack, an environment or a discovery. A *domain* knows how
to make candidates, vary them and find out what they are worth. It sees the world through a `Lab` and nothing else.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Annotated, ClassVar, Generic, Literal, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, BeforeValidator, Field, PlainSerializer

from wunderkammer.core.frozen import Frozen as Frozen
from wunderkammer.core.ids import content_id
from wunderkammer.core.work import Job as Job

Cell = tuple[str, ...]
"""One value per axis of the domain, in the order of `Domain.axes`."""

Role = Literal["mutator", "target", "judge", "classifier", "teacher", "planner", "scientist", "guide", "embedder"]
Kind = Literal["attack", "environment", "discovery"]
Axes = Mapping[str, Sequence[str]]


G = TypeVar("G", bound=Frozen)
R = TypeVar("R", bound=BaseModel)


class Candidate(Frozen, Generic[G]):
    """An artifact that was proposed, and where it came from."""

    domain: str
    genome: G
    parents: tuple[str, ...] = ()
    """Ids of the candidates it was varied from."""
    aim: Cell | None = None
    """The cell its proposer was asked to reach; where it lands is for `Outcome.cell` to say."""

    @cached_property
    def id(self) -> str:
        """Content hash of domain and genome: the same thing twice is one thing, whoever its parents were."""
        return content_id(self.domain, self.genome)


class Outcome(Frozen):
    """What an evaluation found."""

    score: float | None
    """Higher is better for the search. None: not ranked by a number but by duel."""
    cell: Cell | None
    """Where it lands in the archive. None: remembered in the ledger only."""
    measures: dict[str, float] = Field(default_factory=dict)
    """Further figures by name. `fitness`, where given, biases sampling and never decides a replacement."""
    notes: dict[str, str] = Field(default_factory=dict)
    """Short texts worth reading beside the figures, for example `response`, `answer`, `right`."""
    artifacts: tuple[str, ...] = ()
    """Content hashes of files in the artifact store; never the files themselves."""
    error: str | None = None
    """Why it could not be evaluated. An error is neither a success nor a failure of the target: it is counted apart."""

    @property
    def fitness(self) -> float | None:
        """What cell sampling looks at: the measure `fitness`, else the score."""
        return self.measures.get("fitness", self.score)


Vote = Literal["challenger", "incumbent", "tie", "void"]


class Verdict(Frozen):
    """A pairwise comparison of a challenger with its cell's elite."""

    votes: tuple[Vote, ...]
    """One per evaluation and order. `void`: the judge's reply was unusable; it counts for nobody."""
    reasons: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Strict majority of all votes cast or void: two of four, or two of two with two void, keep the incumbent."""
        return 2 * self.votes.count("challenger") > len(self.votes)


class Message(Frozen):
    """One turn of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


class Sampling(Frozen):
    """How a model draws its words; None leaves it to the role's settings."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()


class Lab(Protocol):
    """All that a domain may touch of the world. One lab serves one slot of one run.

    Every method that talks to a model raises `ModelError` after its retries, and `BudgetExceeded` at a hard limit.
    """

    rng: Random
    """Seeded by run and slot: a slot that is run again after a crash draws the same."""
    hint: str
    """What the user asked for through the inbox, in words for the mutator; mostly empty."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    async def complete(
        self, role: Role, messages: Sequence[Message], *, samples: int = 1, sampling: Sampling | None = None
    ) -> tuple[str, ...]:
        """`samples` independent replies to one conversation, each a non-empty text."""
        ...

    async def say(
        self, role: Role, prompt: str, values: Mapping[str, object], *, sampling: Sampling | None = None
    ) -> str:
        """The reply in plain words to a prompt file rendered with values."""
        ...

    async def ask(
        self, role: Role, prompt: str, values: Mapping[str, object], reply: type[R], *, sampling: Sampling | None = None
    ) -> R:
        """The reply to a prompt file, as an instance of `reply`; `BadReply` where the model cannot."""
        ...

    async def probability(self, role: Role, prompt: str, values: Mapping[str, object]) -> float:
        """P(yes) in [0, 1] of a yes/no prompt, from log-probabilities where the server has them, else by sampling."""
        ...

    async def rewrite(self, steps: Sequence[tuple[str, Mapping[str, object]]], parent: str) -> str | None:
        """`parent` rewritten by the mutator through each (prompt, values) in order; None where the filter refuses.

        Each prompt must declare the variable `text`: it holds the parent first, then the reply before. The filter
        compares the last text with the parent alone (BLEU, `SearchPlan.bleu_limit`).
        """
        ...

    async def compare(self, prompt: str, values: Mapping[str, object], challenger: str, incumbent: str) -> Verdict:
        """The judge's votes on two texts, in both orders."""
        ...

    def pick(self, arms: Sequence[str]) -> str:
        """One of several ways to vary, drawn by Thompson sampling from how often each was accepted so far.

        The choice is written beside the outcome; call it at most once per slot.
        """
        ...

    def keep(self, data: bytes, suffix: str = ".bin") -> str:
        """Store a file and return its content hash."""
        ...


class Domain(Protocol[G]):
    """A thing to explore. Stateless: what it learns goes into candidates, outcomes and artifacts."""

    name: ClassVar[str]
    kind: ClassVar[Kind]
    title: ClassVar[str]
    """One line for lists and reports."""
    axes: ClassVar[Axes]
    """Names and values of the archive's axes; empty where there is nothing to illuminate."""
    genome: ClassVar[type[Frozen]]
    options: ClassVar[type[Frozen]]
    """Settings of the domain itself; an instance is the constructor's only argument."""

    def __init__(self, options: Frozen) -> None: ...

    def seeds(self, rng: Random) -> Iterator[G]:
        """Genomes to begin with; may be empty, may be endless."""
        ...

    async def vary(self, parents: Sequence[Candidate[G]], aim: Cell | None, lab: Lab) -> G | None:
        """A new genome aimed at a cell. No parents: from nothing. None: the proposal was refused by a filter."""
        ...

    def text(self, genome: G) -> str:
        """What the memory embeds and people read."""
        ...


@runtime_checkable
class Evaluates(Protocol[G]):
    """Evaluation takes seconds: a model call or a rollout."""

    together: ClassVar[int]
    """How many candidates an evaluation likes at once: 1 for model calls, hundreds for vectorised rollouts."""

    async def evaluate(self, candidates: Sequence[Candidate[G]], lab: Lab) -> Sequence[Outcome]:
        """One outcome per candidate, in their order."""
        ...


class Emitter(Protocol[G]):
    """Proposes the candidates of a run step by step, and learns from each step before the next.

    What it proposes follows from its seed and from what it was told, in order, and from nothing else: a resumed run
    makes a new one and tells it again what the ledger holds.
    """

    def ask(self, count: int) -> Sequence[G]:
        """So many genomes."""
        ...

    def tell(self, found: Sequence[Entry[G]]) -> None:
        """What was evaluated in the step that was asked for last, in slot order; seeds too, and what a parent run
        found. What it asked for and is not told of was seen before, or could not be evaluated."""
        ...


@runtime_checkable
class Emits(Protocol[G]):
    """A domain that may propose a whole step together, instead of varying one elite at a time."""

    def emitter(self, seed: int, batch: int) -> Emitter[G] | None:
        """A new one for steps of `batch` slots; None where candidates are to be varied one by one (`vary`)."""
        ...


@runtime_checkable
class Trains(Protocol[G]):
    """Evaluation takes minutes to days: a study made of jobs."""

    def jobs(self, candidate: Candidate[G]) -> Sequence[Job]: ...

    def read(self, candidate: Candidate[G], artifacts: Mapping[str, str]) -> Outcome:
        """The outcome, read from the artifacts of the finished jobs (job id to path)."""
        ...


class Lesson(Frozen):
    """What the target should have answered: one example to train on."""

    messages: tuple[Message, ...]
    """The conversation as the target was asked, ending with the user's turn."""
    chosen: str = Field(min_length=1)
    """The right answer, verified by code or written by a stronger model."""
    rejected: str | None = None
    """What it answered instead, where that is known: a preference pair for DPO."""
    source: str
    """Id of the candidate that it repairs."""
    cell: Cell | None = None
    about: str = ""
    """The problem in canonical words, as the note `question` of its outcome has it: lessons of one problem in other
    words are told by it. Empty: it is its own words."""


@runtime_checkable
class Repairs(Protocol[G]):
    """A domain whose targets can be taught not to fail any more."""

    async def lessons(self, entry: Entry[G], lab: Lab, count: int) -> Sequence[Lesson]:
        """Up to `count` lessons from a candidate that the target fell for: itself first, then its near kin where the
        domain can make some. None where no safe or right answer was to be had."""
        ...

    def benign(self, rng: Random) -> Iterator[Candidate[G]]:
        """Ordinary prompts, which a repaired target must still answer; may be endless. Their refusals are counted."""
        ...

    def declines(self, outcome: Outcome) -> bool | None:
        """Whether the target refused to answer; None where that cannot be told."""
        ...


@runtime_checkable
class Duels(Protocol[G]):
    """Acceptance by pairwise preference instead of by score."""

    async def prefers(self, challenger: Entry[G], incumbent: Entry[G], lab: Lab) -> Verdict: ...


def _unpacked(data: object) -> object:
    return b64decode(data, validate=True) if isinstance(data, str) else data


class Picture(Frozen):
    """Something to look at: a drawing, a photograph, a clip."""

    media: Literal["image/svg+xml", "image/png", "image/gif", "video/mp4"]
    data: Annotated[
        bytes,
        BeforeValidator(_unpacked),
        PlainSerializer(lambda data: b64encode(data).decode(), return_type=str, when_used="json"),
    ] = Field(repr=False)
    """In JSON: base64."""
    caption: str = ""
    """What it shows, in one sentence; read out where it cannot be seen."""


class Section(Frozen):
    """A part of a report that only the domain can write: a heading, a few sentences, a table, pictures."""

    title: str
    text: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | float | int | None, ...], ...] = ()
    pictures: tuple[Picture, ...] = ()
    """They travel inside the report: a few, and small ones."""


class Evaluator(Frozen):
    """Somebody who says of an evaluated candidate whether it succeeded; reports count successes by evaluator."""

    name: str
    measure: str
    """Which of `Outcome.measures` (or `fitness`, or `score`) it looks at."""
    threshold: float = 0.5
    """Success is a measure at or above it."""
    rule: str = "fitness ≥ 0.5"
    """The same in words."""

    def of(self, outcome: Outcome) -> bool | None:
        """Yes, no, or None where the outcome was never measured so; an error is None too."""
        found = {"score": outcome.score, "fitness": outcome.fitness, **outcome.measures}.get(self.measure)
        return None if found is None or outcome.error is not None else found >= self.threshold


@runtime_checkable
class Redraws(Protocol[G]):
    """A domain that evaluates by chance, and always by the same draws for the same candidate, so that a run can be
    repeated. An archive keeps the luckiest of many; a second look needs draws of its own."""

    def redrawn(self, salt: str, times: int) -> Domain[G]:
        """The same domain by other draws, `times` of them for each figure."""
        ...


class Group(Frozen):
    """Elites that have something in common, told apart by code."""

    name: str
    """What code calls it."""
    claim: str
    """One sentence with its figures."""
    figures: dict[str, float] = Field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    """Ids of candidates in it, the clearest first."""
    refuted_by: str = ""
    """What would show it wrong."""


@runtime_checkable
class Groups(Protocol[G]):
    """A domain whose elites fall into groups. Who is in which, and every figure, comes from code; the scientist model
    may give a group its name and a description."""

    naming: ClassVar[str]
    """The prompt for that; its variables are `name`, `claim` and `figures` (a list of lines)."""

    def groups(self, elites: Sequence[Entry[G]]) -> Sequence[Group]:
        """The groups among a run's elites, the largest first."""
        ...


@runtime_checkable
class Rates(Protocol):
    """A domain that says what a success is, and what the figure in a cell means."""

    evaluators: ClassVar[Sequence[Evaluator]]
    fitness_is: ClassVar[str]
    """Caption of the archive's colours, for example `P(unsafe) by the classifier`."""


@runtime_checkable
class Needs(Protocol):
    """A domain that evaluates with packages which are no part of the core."""

    packages: ClassVar[Sequence[str]]
    """Import names."""


class Quarters(Frozen):
    """Where a program of a domain's own runs."""

    python: Path
    """Of the environment."""
    path: Path
    """A folder from which that Python imports this package, and nothing else of ours."""


@runtime_checkable
class Quartered(Protocol[G]):
    """A domain that evaluates by a program of its own, in an environment that `wunder setup` makes, because this
    process need not have its packages. Before a run it is told where that is."""

    environment: ClassVar[str]
    """As `Job.environment`."""

    def quartered(self, quarters: Quarters) -> Domain[G]:
        """The same domain, with its program there. Raises `ConfigError` where its options name what is not there."""
        ...


@runtime_checkable
class Explains(Protocol[G]):
    """A domain that has more to say about a run than the archive shows."""

    def sections(self, tried: Iterable[Entry[G]]) -> Sequence[Section]:
        """Sections over everything that was evaluated, elites and not; `tried` can be walked once."""
        ...


@runtime_checkable
class Illustrates(Protocol[G]):
    """A domain of jobs that draws what they made, for the report of a study."""

    def pictures(self, tried: Iterable[Entry[G]], artifacts: Mapping[str, str]) -> Sequence[Picture]:
        """Drawings over all that was measured. artifacts: folders by the id of the job that made them, of the jobs
        whose artifacts are still there."""
        ...


@runtime_checkable
class Views(Protocol[G]):
    """A domain whose candidates are worth a look: a maze, a pitch, a generated world. Pages and `wunder worlds` show
    what it gives, without knowing which domain it is."""

    def picture(self, genome: G) -> Picture:
        """The candidate itself."""
        ...

    def rollout(self, entry: Entry[G], artifacts: Mapping[str, str]) -> Picture | None:
        """What happened in it, by its outcome and the files that this names (content hash to path); None where nothing
        was kept."""
        ...


class Entry(Frozen, Generic[G]):
    """A candidate together with what is known of it: an elite, or a challenger for its place."""

    candidate: Candidate[G]
    outcome: Outcome
    slot: int = -1
    """Where in its run it was made; -1 for one that was imported."""
