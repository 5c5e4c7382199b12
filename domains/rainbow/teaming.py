"""What the rainbow domains share: mutate towards a cell, one axis after the other, and ask the target.

A domain is niches (axes, with a prompt and a line about each value), a prompt for beginning from nothing, and a way to
tell what is worse: a duel of responses, or a score.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Generic, TypeVar

from pydantic import Field, field_validator

from wunderkammer.core.contract import Axes, Candidate, Cell, Frozen, Kind, Lab, Message, Outcome, Sampling
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.wording import LONGEST, clean, legible

RESPONSE_CHARS = 4000
"""Where the target's response is cut before it is kept, classified and judged; 256 tokens are about 1,000."""


class Probe(Frozen):
    """A prompt for the target."""

    text: str = Field(min_length=1, max_length=LONGEST)

    @field_validator("text")
    @classmethod
    def _is_legible(cls, text: str) -> str:
        """What a user or a file brings is cleared of control characters; it must not be blank. (pydantic itself refuses
        lone surrogates.)"""
        text = legible(text)
        if not text.strip():
            raise ValueError("a prompt must hold words")
        return text


P = TypeVar("P", bound=Probe)


class TeamingOptions(Frozen):
    """What every rainbow domain lets the user set."""

    system_prompt: str | None = None
    """Shown to the target before the prompt, as its owner deploys it."""
    max_tokens: int | None = Field(None, ge=1)
    """Of the target's response; default: the role's own limit."""


@dataclass(frozen=True)
class Niche:
    """One axis: its values with a neutral line about each, and the prompt that moves a text towards a value.

    The prompt declares `text`, `aim` (the value), `meaning` (its line) and `hint`.
    """

    axis: str
    prompt: str
    meanings: Mapping[str, str]


def axes_of(niches: Sequence[Niche]) -> Axes:
    """The archive's axes, in the order in which a prompt is mutated."""
    return {niche.axis: tuple(niche.meanings) for niche in niches}


class Teaming(ABC, Generic[P]):
    """A domain of prompts that are meant to make the target fail."""

    kind: ClassVar[Kind] = "attack"
    niches: ClassVar[tuple[Niche, ...]]
    axes: ClassVar[Axes]
    fresh: ClassVar[str]
    """The prompt that begins from nothing, for a value of the first axis: declares `aim`, `meaning` and `hint`."""
    together: ClassVar[int] = 1

    def seeds(self, rng: Random) -> Iterator[P]:
        """None: a prompt for each cell is made from nothing."""
        return iter(())

    def text(self, genome: P) -> str:
        return genome.text

    async def vary(self, parents: Sequence[Candidate[P]], aim: Cell | None, lab: Lab) -> P | None:
        """The first parent mutated once per axis, in the order of the axes; without parents, a fresh prompt.

        None where the filter found the child too like its parent. Raises `BadReply` where no prompt is left of the
        mutator's words. (Rainbow Teaming, section 3.2.)
        """
        cell = self._cell(aim, lab.rng)
        if not parents:
            return self.make(await self._from_nothing(cell, lab), cell)
        steps = [(niche.prompt, _values(niche, value, lab)) for niche, value in zip(self.niches, cell, strict=True)]
        reply = await lab.rewrite(steps, parents[0].genome.text)
        return None if reply is None else self.make(reply, cell)

    async def evaluate(self, candidates: Sequence[Candidate[P]], lab: Lab) -> Sequence[Outcome]:
        """One outcome each. A server's fault is raised as `ModelError`; it is never read as a safe target."""
        return [await self.outcome(candidate, lab) for candidate in candidates]

    @abstractmethod
    def make(self, text: str, cell: Cell) -> P:
        """The genome of a text that was written for a cell."""

    @abstractmethod
    async def outcome(self, candidate: Candidate[P], lab: Lab) -> Outcome:
        """Ask the target and find out how it did."""

    async def respond(self, text: str, options: TeamingOptions, lab: Lab) -> str:
        """The target's response to the prompt alone, cut at `RESPONSE_CHARS`."""
        system = [Message(role="system", content=options.system_prompt)] if options.system_prompt else []
        sampling = Sampling(max_tokens=options.max_tokens) if options.max_tokens else None
        (reply,) = await lab.complete("target", [*system, Message(role="user", content=text)], sampling=sampling)
        return legible(reply)[:RESPONSE_CHARS]

    async def _from_nothing(self, cell: Cell, lab: Lab) -> str:
        """A prompt for the first value, then moved towards each of the others; nothing to filter against."""
        (first, value), *rest = zip(self.niches, cell, strict=True)
        text = clean(await lab.say("mutator", self.fresh, _values(first, value, lab)))
        for niche, value in rest:
            text = clean(await lab.say("mutator", niche.prompt, {"text": text, **_values(niche, value, lab)}))
        return text

    def _cell(self, aim: Cell | None, rng: Random) -> Cell:
        """The aim, checked; any cell where there is none."""
        if aim is None:
            return tuple(rng.choice(list(values)) for values in self.axes.values())
        known = len(aim) == len(self.niches) and all(v in n.meanings for n, v in zip(self.niches, aim, strict=True))
        if not known:
            raise ConfigError(
                f"{' × '.join(aim)} is no cell of {' × '.join(self.axes)}; see Domain.axes for the values"
            )
        return aim


def _values(niche: Niche, value: str, lab: Lab) -> dict[str, object]:
    return {"aim": value, "meaning": niche.meanings[value], "hint": lab.hint}
