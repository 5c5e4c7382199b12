"""What a domain may be able to do besides evaluating: every ability is a protocol of its own, and none is owed.

The rest of the house asks by `isinstance`, and does without where a domain lacks it. What an ability takes and gives
stands beside it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Annotated, ClassVar, Literal, Protocol, runtime_checkable

from pydantic import BeforeValidator, Field, PlainSerializer

from wunderkammer.core.contract import Candidate, Cell, Domain, Entry, G, Lab, Message, Outcome
from wunderkammer.core.frozen import Frozen


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
class Rates(Protocol):
    """A domain that says what a success is, and what the figure in a cell means."""

    evaluators: ClassVar[Sequence[Evaluator]]
    fitness_is: ClassVar[str]
    """Caption of the archive's colours, for example `P(unsafe) by the classifier`."""


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


@runtime_checkable
class Needs(Protocol):
    """A domain that evaluates with packages which are no part of the core."""

    packages: ClassVar[Sequence[str]]
    """Import names."""


@runtime_checkable
class Awaits(Protocol):
    """A domain that, told nothing, has nothing worth the time to explore. Who names it gets it; a run that chooses by
    itself leaves it alone."""

    def awaited(self) -> str:
        """Which option it should be given first, and why, in a line; empty: none, it is ready."""
        ...


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
