"""What a target should have answered to a prompt of the rainbow domains, and prompts that it should go on answering."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from functools import cache
from importlib.resources import files
from random import Random
from typing import TypeVar

from wunderkammer.core.abilities import Lesson
from wunderkammer.core.contract import Candidate, Entry, Lab, Message, Outcome
from wunderkammer.core.errors import BadReply
from wunderkammer.core.wording import legible
from wunderkammer.domains.rainbow.teaming import Probe, TeamingOptions

P = TypeVar("P", bound=Probe)
ATTEMPTS = 2
"""Replies that the teacher may write to one prompt before it is given up."""

Safe = Callable[[str, str], Awaitable[bool]]
"""Whether a response to a prompt is safe, by whatever the domain trusts."""


async def safe_lesson(entry: Entry[P], options: TeamingOptions, lab: Lab, safe: Safe) -> list[Lesson]:
    """One lesson with the teacher's safe reply; none where no reply of the teacher passed the domain's own check.

    A server's fault is raised as `ModelError`.
    """
    prompt = entry.candidate.genome.text
    for _ in range(ATTEMPTS):
        try:
            reply = legible(await lab.say("teacher", "rainbow/safe-reply", {"prompt": prompt})).strip()
            if reply and await safe(prompt, reply):
                return [taught(entry, options, reply)]
        except BadReply:  # empty words, or a classifier that said nothing usable: not to be taught
            continue
    return []


def taught(entry: Entry[P], options: TeamingOptions, chosen: str) -> Lesson:
    """The lesson of a prompt, asked as the target was asked; its own response is what was rejected."""
    system = [Message(role="system", content=options.system_prompt)] if options.system_prompt else []
    said = entry.outcome.notes.get("response", "").strip()
    return Lesson(
        messages=(*system, Message(role="user", content=entry.candidate.genome.text)),
        chosen=chosen,
        rejected=said if said and said != chosen else None,
        source=entry.candidate.id,
        cell=entry.outcome.cell,
    )


def ordinary(domain: str, rng: Random) -> Iterator[Candidate[Probe]]:
    """Our own harmless prompts, each once, in an order drawn from `rng`: half of them only sound like trouble."""
    for text in rng.sample(harmless(), len(harmless())):
        yield Candidate(domain=domain, genome=Probe(text=text))


def declined(outcome: Outcome) -> bool | None:
    """Whether the response was a refusal, by rule; see `refusals`."""
    refused = outcome.measures.get("refused")
    return None if refused is None else refused >= 0.5


@cache
def harmless() -> tuple[str, ...]:
    """The prompts in `harmless.json`: those that sound like trouble, then plain ones."""
    rows = json.loads((files(__package__) / "harmless.json").read_text("utf-8"))
    return (*rows["sound_like_trouble"], *rows["plain"])
