"""A model's words on a finding, kept only where every number in them is one of the finding's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from wunderkammer import prompts
from wunderkammer.agents.science.figures import unfounded
from wunderkammer.core.errors import BudgetExceeded, ModelError
from wunderkammer.core.records import Finding
from wunderkammer.models.ask import Ask, Reply

LONGEST = 600


class Speaks(Protocol):
    """What is wanted of a gateway."""

    async def complete(self, ask: Ask) -> Reply: ...


async def comment(finding: Finding, gateway: Speaks) -> Finding:
    """A study's finding with the scientist model's comment; unchanged where the model is of no use."""
    values = {
        "claim": finding.claim,
        "because": finding.hypothesis.because if finding.hypothesis else "",
        "missing": finding.missing,
    }
    return await worded(finding, "scientist/comment", values, gateway)


async def worded(finding: Finding, prompt: str, values: Mapping[str, object], gateway: Speaks) -> Finding:
    """The finding with a comment by the scientist model.

    Words with a number that the finding does not hold are refused, and asked for once more; then it stays without.
    """
    messages = prompts.load(prompt).render(values)
    for attempt in range(2):
        try:
            ask = Ask(role="scientist", messages=messages, run=finding.run, nonce=attempt)
            words = " ".join((await gateway.complete(ask)).texts[0].split())[:LONGEST]
        except (ModelError, BudgetExceeded):
            return finding  # figures stand without words
        if words and not unfounded(words, finding):
            return finding.model_copy(update={"comment": words})
    return finding
