"""The planner of an autonomous run: which activity next. A bandit proposes, a model may advise, a user decides."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, Protocol

from pydantic import BaseModel, Field

from wunderkammer import prompts
from wunderkammer.agents.bandit import Pull, Weight, weigh
from wunderkammer.core.errors import BudgetExceeded, ModelError
from wunderkammer.models.ask import Ask, Reply

TRUST = 0.5
"""A model is followed while the bandit values its choice at this share of the best or more."""
_WORDS = re.compile(
    r"^\s*(?P<verb>search|study|harden|focus|only|avoid|forget|stop|pause)\b[\s:]*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Wishes:
    """The sum of all messages heard so far."""

    next: str = ""
    """The activity to take up next, once."""
    only: frozenset[str] = frozenset()
    """Activities to choose among; empty: all."""
    avoid: frozenset[str] = frozenset()
    hint: str = ""
    """Words for the planner's model, as the user wrote them."""
    halt: str = ""
    """`stop` or `pause`, once asked for."""

    def allows(self, arm: str) -> bool:
        return arm not in self.avoid and (not self.only or arm in self.only)


def heed(wishes: Wishes, text: str, arms: Sequence[str]) -> tuple[Wishes, str]:
    """The wishes after one more message, and in one line what it did. Read by rule: no model stands in between.

    `search NAME`, `study NAME`, `harden NAME`: that one next. `focus NAME`: nothing else; `avoid NAME`: not that one.
    `forget` (everything said before), `pause`, `stop`. Anything else is handed to the planner's model. A name is any
    part of an activity's, and may mean several.
    """
    found = _WORDS.match(text)
    verb, rest = (found["verb"].lower(), found["rest"].strip().lower()) if found else ("", "")
    if verb in ("stop", "pause"):
        return replace(wishes, halt=verb), f"{verb} before the next choice"
    if verb == "forget":
        return Wishes(), "all earlier wishes are forgotten"
    named = [arm for arm in arms if rest and rest in arm.lower()]
    if verb in ("search", "study", "harden"):
        named = [arm for arm in named if arm.startswith(f"{verb} ")]
        if named:
            return replace(wishes, next=named[0]), f"next: {named[0]}"
    elif verb in ("focus", "only") and named:
        return replace(wishes, only=frozenset(named)), f"only: {', '.join(named)}"
    elif verb == "avoid" and named:
        return replace(wishes, avoid=wishes.avoid | set(named)), f"not: {', '.join(named)}"
    return replace(wishes, hint=" ".join(text.split())[:500]), "handed to the planner as guidance"


@dataclass(frozen=True)
class Choice:
    """What to do next; see `core.events.Chosen`."""

    arm: str
    by: Literal["bandit", "model", "user"]
    reason: str
    bandit: str
    model: str
    weights: tuple[Weight, ...]

    @property
    def values(self) -> dict[str, float]:
        """The finite ones."""
        return {weight.arm: weight.value for weight in self.weights if math.isfinite(weight.value)}


class Asks(Protocol):
    """What is wanted of a gateway."""

    async def structured(self, ask: Ask) -> tuple[BaseModel, Reply]: ...


class Advice(BaseModel):
    """A model's proposal."""

    choice: str
    reason: str = Field(max_length=600)


async def choose(
    run: str,
    step: int,
    arms: Mapping[str, str],
    history: Sequence[Pull],
    wishes: Wishes,
    gateway: Asks | None,
    waiting: Mapping[str, str] = MappingProxyType({}),
) -> Choice:
    """The next activity.

    arms: those that may be chosen now, each with a line that says how it stands. waiting: those that may not yet, each
    with the reason. The user's word goes first; then the
    model's, where one is configured and the bandit does not think much less of its choice; else the bandit's.
    """
    weights = tuple(weigh(list(arms), history))
    best = weights[0]
    advice = await _advice(run, step, arms, weights, wishes, gateway, waiting) if gateway is not None else None
    proposed, why = advice or ("", "")
    if wishes.next in arms:
        return Choice(wishes.next, "user", "asked for in a message", best.arm, proposed, weights)
    if advice is not None:
        value = next(weight.value for weight in weights if weight.arm == proposed)
        if value >= TRUST * best.value or math.isinf(value):
            return Choice(proposed, "model", why, best.arm, proposed, weights)
    return Choice(best.arm, "bandit", _because(best), best.arm, proposed, weights)


def _because(weight: Weight) -> str:
    if not weight.pulls:
        return "never tried"
    damped = f", damped to {weight.damping:.2f}" if weight.damping < 1 else ""
    return f"yields {weight.rate:.3g} for the whole budget, and {weight.bonus:.3g} for being little known{damped}"


async def _advice(
    run: str,
    step: int,
    arms: Mapping[str, str],
    weights: Sequence[Weight],
    wishes: Wishes,
    gateway: Asks,
    waiting: Mapping[str, str],
) -> tuple[str, str] | None:
    """A model's choice and reason; None where it has nothing usable to say, after one more try."""
    table = [f"{weight.arm}: {_because(weight)}. {arms[weight.arm]}".strip() for weight in weights]
    messages = prompts.load("planner/choose").render(
        {"activities": table, "waiting": [f"{arm}: {why}" for arm, why in waiting.items()], "hint": wishes.hint}
    )
    for attempt in range(2):
        try:
            found, _ = await gateway.structured(
                Ask(role="planner", messages=messages, schema=Advice, run=run, slot=-2 - step, nonce=attempt)
            )
        except BudgetExceeded:
            return None
        except ModelError:
            continue
        assert isinstance(found, Advice)
        named = [arm for arm in arms if arm.casefold() == found.choice.strip().casefold()]
        if named:
            return named[0], " ".join(found.reason.split())
    return None
