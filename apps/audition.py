"""One question to whoever plays a role: what comes back, how soon, and whether it keeps to a form."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from wunderkammer.apps.rehearing import afresh, gateway_of
from wunderkammer.core.contract import Frozen, Message, Role
from wunderkammer.core.errors import BadReply, Refused
from wunderkammer.core.settings import Settings
from wunderkammer.memory.ledger import Ledger
from wunderkammer.models.ask import Ask
from wunderkammer.models.gateway import Gateway
from wunderkammer.models.ladder import Rung, rung


async def ask_once(settings: Settings, ledger: Ledger, role: Role, words: str) -> dict[str, Any]:
    """One question to whoever plays a role: the reply, how long it took, how many tokens."""
    async with gateway_of(afresh(settings), ledger) as gateway:
        if role == "embedder":
            return {"role": role, **await _embed(gateway, words, time.monotonic)}
        call = (await gateway.complete(Ask(role=role, messages=(Message(role="user", content=words),)))).call
    return {
        "role": role,
        "server": call.server,
        "model": call.model,
        "seconds": call.seconds,
        "prompt tokens": call.prompt_tokens,
        "completion tokens": call.completion_tokens,
        "cost": call.cost,
        "attempts": call.attempts,
        "reply": call.texts[0],
    }


async def _embed(gateway: Gateway, words: str, clock: Callable[[], float]) -> dict[str, Any]:
    began = clock()
    (vector,) = await gateway.embed([words])
    return {"dimension": len(vector), "seconds": clock() - began}


class Fruit(BaseModel):
    """What an audition wants a structured reply to be."""

    model_config = ConfigDict(extra="forbid")

    fruit: Literal["apple", "pear"]
    why: str


QUESTION = "Apple or pear? Choose one and say in a few words why."


class Audition(Frozen):
    """How somebody did in one structured question."""

    role: str
    server: str
    model: str
    seconds: float
    """From the first word sent to the last received, over all attempts."""
    attempts: int = 1
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    reply: str = ""
    structured: Rung | None = None
    """By which means the reply kept to its form: a JSON schema, JSON of any form, plain words read with patience. None:
    not at all, or it was not asked for (an embedder)."""
    dimension: int | None = None
    """Of an embedder's vectors."""
    fault: str = ""
    """Why the reply had no form, where it had none."""


async def audition(settings: Settings, ledger: Ledger, role: Role) -> Audition:
    """One question, to be answered in a form. `ModelError` where nobody answers at all."""
    async with gateway_of(afresh(settings), ledger) as gateway:
        server, model = await gateway.seat(role)
        if role == "embedder":
            return Audition(role=role, server=server, model=model, **await _embed(gateway, QUESTION, time.monotonic))
        asked = (Message(role="user", content=QUESTION),)
        fault, means = "", None
        try:
            call = (await gateway.structured(Ask(role=role, messages=asked, schema=Fruit)))[1].call
            means = rung(await gateway.abilities(role))
        except (BadReply, Refused) as unformed:  # it may still speak
            fault = str(unformed)
            call = (await gateway.complete(Ask(role=role, messages=asked))).call
    return Audition(
        role=role,
        server=server,
        model=model,
        seconds=call.seconds,
        attempts=call.attempts,
        prompt_tokens=call.prompt_tokens,
        completion_tokens=call.completion_tokens,
        cost=call.cost,
        reply=call.texts[0],
        structured=means,
        fault=fault,
    )
