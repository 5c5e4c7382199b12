"""Hypotheses from a model: it chooses among settings and measures that exist; thresholds are the domain's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from pydantic import BaseModel, Field

from wunderkammer import prompts
from wunderkammer.agents.science.questions import checked
from wunderkammer.core.errors import BudgetExceeded, ConfigError, ModelError
from wunderkammer.core.records import Finding
from wunderkammer.core.study import Hypothesis, Plain, settings_of
from wunderkammer.models.ask import Ask, Reply

PROMPT = "scientist/propose"
MOST_FINDINGS = 20


class Asks(Protocol):
    """What is wanted of a gateway."""

    async def structured(self, ask: Ask) -> tuple[BaseModel, Reply]: ...


class Proposal(BaseModel):
    """One hypothesis, as a model may put it."""

    setting: str
    value: str
    instead_of: str
    measure: str
    expects: Literal["higher", "lower", "same"]
    because: str = Field(max_length=400)


class Proposals(BaseModel):
    """The reply."""

    hypotheses: list[Proposal] = Field(min_length=1, max_length=5)


async def propose(run: str, round_: int, domain: Any, known: Sequence[Finding], gateway: Asks) -> list[Hypothesis]:
    """What the scientist model would test, as far as it can be; none where it has nothing usable to say.

    A proposal that names what does not exist is dropped: the others may be sound. An unusable reply costs one more try.
    """
    settings = settings_of(domain.genome)
    values = {
        "domain": domain.title,
        "settings": [f"{name}: {', '.join(map(str, levels))}" for name, levels in settings.items()],
        "measures": list(domain.measures),
        "findings": [finding.claim for finding in known[-MOST_FINDINGS:]],
    }
    messages = prompts.load(PROMPT).render(values)
    for attempt in range(2):
        try:
            ask = Ask(role="scientist", messages=messages, schema=Proposals, run=run, slot=-2 - round_, nonce=attempt)
            found, _ = await gateway.structured(ask)
        except BudgetExceeded:
            return []
        except ModelError:
            continue
        assert isinstance(found, Proposals)
        usable = [h for one in found.hypotheses if (h := _hypothesis(one, settings, domain)) is not None]
        if usable:
            return usable
    return []


def _hypothesis(proposal: Proposal, settings: dict[str, tuple[Plain, ...]], domain: Any) -> Hypothesis | None:
    levels = {str(value).casefold(): value for value in settings.get(proposal.setting, ())}
    value, other = levels.get(proposal.value.casefold()), levels.get(proposal.instead_of.casefold())
    if value is None or other is None or value == other or proposal.measure not in domain.measures:
        return None
    try:
        return checked(
            Hypothesis(
                domain=domain.name,
                treatment={proposal.setting: value},
                control={proposal.setting: other},
                measure=proposal.measure,
                expects=proposal.expects,
                margin=domain.measures[proposal.measure],
                because=" ".join(proposal.because.split()),
                source="model",
            ),
            domain,
        )
    except ConfigError:
        return None
