"""The scientist names what code has grouped: groups, counts and figures are settled, only the words are a model's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from pydantic import BaseModel, Field

from wunderkammer import prompts
from wunderkammer.agents.science.figures import unfounded
from wunderkammer.core.abilities import Group
from wunderkammer.core.errors import BadReply, BudgetExceeded, ModelError
from wunderkammer.core.records import Finding
from wunderkammer.models.ask import Ask, Reply


class Named(BaseModel):
    """What the scientist model replies."""

    name: str = Field(min_length=3, max_length=60)
    """Two to six words."""
    description: str = Field(min_length=10, max_length=500)
    """One or two sentences."""


class Words(Protocol):
    """What is wanted of a gateway."""

    async def structured(self, ask: Ask) -> tuple[BaseModel, Reply]: ...


def finding_of(run: str, domain: str, group: Group) -> Finding:
    """A group as a finding, under the name that code has for it."""
    return Finding(
        run=run,
        claim=group.claim,
        statistics=group.figures,
        evidence=group.evidence,
        refuted_by=group.refuted_by,
        domain=domain,
        reproduce=f"wunder report {run}",
    )


async def named(run: str, domain: str, prompt: str, groups: Sequence[Group], gateway: Words | None) -> list[Finding]:
    """The groups as findings, each with the model's name and description as its comment.

    Words with a number that the group does not hold are refused and asked for once more; so is a name that another
    group has already. After that, or without a model, the group keeps the name that code gave it.
    """
    found: list[Finding] = []
    taken: set[str] = set()
    for group in groups:
        finding = finding_of(run, domain, group)
        words = None if gateway is None else await _words(finding, prompt, group, taken, gateway)
        if words is not None:
            taken.add(words.name.casefold())
            finding = finding.model_copy(update={"comment": f"{words.name}: {words.description}"})
        found.append(finding)
    return found


async def _words(finding: Finding, prompt: str, group: Group, taken: set[str], gateway: Words) -> Named | None:
    figures = [f"{name}: {value:g}" for name, value in group.figures.items()]
    messages = prompts.load(prompt).render({"name": group.name, "claim": group.claim, "figures": figures})
    for attempt in range(2):
        try:
            ask = Ask(role="scientist", messages=messages, schema=Named, run=finding.run, nonce=attempt)
            words = cast(Named, (await gateway.structured(ask))[0])
        except BadReply:
            continue
        except (ModelError, BudgetExceeded):
            return None  # figures stand without words
        if words.name.casefold() not in taken and not unfounded(f"{words.name}. {words.description}", finding):
            return words
    return None
