"""What a domain is, and what the rest of the house may expect of it.

A *candidate* is an artifact that somebody proposed: an attack, an environment or a discovery. A *domain* knows how
to make candidates, vary them and find out what they are worth. It sees the world through a `Lab` and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from operator import not_
from random import Random
from typing import ClassVar, Generic, Literal, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, Field

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
    pictures: tuple[str, ...] = Field((), exclude_if=not_)
    """What is shown before the words: `data:image/png;base64,…` each. Only models that see take any. Where there are
    none, what is written does not mention them: data sets of conversations are read by others."""


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


@runtime_checkable
class Trains(Protocol[G]):
    """Evaluation takes minutes to days: a study made of jobs."""

    def jobs(self, candidate: Candidate[G]) -> Sequence[Job]: ...

    def read(self, candidate: Candidate[G], artifacts: Mapping[str, str]) -> Outcome:
        """The outcome, read from the artifacts of the finished jobs (job id to path)."""
        ...


@runtime_checkable
class Duels(Protocol[G]):
    """Acceptance by pairwise preference instead of by score."""

    async def prefers(self, challenger: Entry[G], incumbent: Entry[G], lab: Lab) -> Verdict: ...


class Entry(Frozen, Generic[G]):
    """A candidate together with what is known of it: an elite, or a challenger for its place."""

    candidate: Candidate[G]
    outcome: Outcome
    slot: int = -1
    """Where in its run it was made; -1 for one that was imported."""
