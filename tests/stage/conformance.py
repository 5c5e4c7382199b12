"""What the gateway asks of any server, as tests that run against every server that we can have.

    class TestMine(Conformance):
        @pytest.fixture
        def place(self, tmp_path): ...   # a Place

Nothing here depends on a model's judgement: only on forms, counts and repetition.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from wunderkammer.core.calls import Call
from wunderkammer.core.contract import Message, Sampling
from wunderkammer.core.errors import Refused
from wunderkammer.core.settings import BudgetSettings, Settings
from wunderkammer.models.ask import Ask
from wunderkammer.models.budget import Budget
from wunderkammer.models.gateway import Gateway
from wunderkammer.models.probe import probe

QUESTION = "What is the capital of France?"


@dataclass(frozen=True)
class Place:
    """A server to be tried; `target` of the settings plays there."""

    settings: Settings
    can: dict[str, bool | int]
    """Abilities that a probe should find, and no others of these."""
    context: int | None = None
    """Tokens that a question may have; None: it takes any."""
    strict: bool = False
    """Whether it refuses a model that it has not."""
    model: bool = True
    """Whether a model answers, and no script that knows nothing of tokens."""
    opens: dict[str, Any] = field(default_factory=dict)
    """Further arguments of the gateway: who opens servers of ours."""


class Visit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    city: Literal["Paris", "Rome"]
    days: int = Field(ge=1, le=9)
    alone: bool


class Kept:
    """A recorder in memory."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def record(self, call: Call) -> None:
        self.calls.append(call)

    def recall(self, call_id: str) -> Call | None:
        return None

    async def cached(self, request: str) -> Call | None:
        return None


def ask(words: str = QUESTION, *, temperature: float = 0.0, stop: tuple[str, ...] = (), **more: Any) -> Ask:
    sampling = Sampling(temperature=temperature, max_tokens=more.pop("max_tokens", 24), stop=stop)
    return Ask(role="target", messages=(Message(role="user", content=words),), sampling=sampling, **more)


class Conformance:
    """Takes a fixture `place`."""

    @pytest.fixture
    async def gateway(self, place: Place) -> AsyncIterator[Gateway]:
        async with Gateway(place.settings, Kept(), Budget(BudgetSettings()), **place.opens) as gateway:
            yield gateway

    async def test_words_are_counted_and_bounded(self, place: Place, gateway: Gateway) -> None:
        call = (await gateway.complete(ask(max_tokens=6))).call
        assert call.texts[0].strip()
        assert call.status == "ok"
        assert call.prompt_tokens > 5
        assert 0 < call.completion_tokens <= (6 if place.model else 1000)
        assert "estimated" not in call.detail

    async def test_a_conversation_is_taken(self, gateway: Gateway) -> None:
        turns = [
            ("system", "You are brief."),
            ("user", "Hi."),
            ("assistant", "Hello!"),
            ("user", "Zwölf Boxkämpfer? 🦊"),
        ]
        messages = tuple(Message(role=who, content=words) for who, words in turns)  # type: ignore[arg-type]
        reply = await gateway.complete(Ask(role="target", messages=messages, sampling=Sampling(max_tokens=8)))
        assert reply.texts[0].strip()

    async def test_equal_questions_without_chance_get_equal_answers(self, gateway: Gateway) -> None:
        await gateway.complete(ask())  # what was never asked may be computed in another batch than what was
        replies = [(await gateway.complete(ask())).texts for _ in range(2)]
        assert replies[0] == replies[1]

    async def test_several_samples(self, gateway: Gateway) -> None:
        reply = await gateway.complete(ask("Say a random word.", temperature=1.0, samples=3))
        assert len(reply.texts) == 3
        assert all(text.strip() for text in reply.texts)

    async def test_words_end_before_a_stop(self, place: Place, gateway: Gateway) -> None:
        if not place.model:
            pytest.skip("every question has words of its own there")
        (whole,) = (await gateway.complete(ask())).texts
        stop = whole.split()[2]
        (cut,) = (await gateway.complete(ask(stop=(stop,)))).texts
        assert stop not in cut
        assert whole.startswith(cut.rstrip())

    async def test_a_form_is_kept(self, gateway: Gateway) -> None:
        for seed in range(3):
            found, reply = await gateway.structured(
                ask("Where shall I go?", schema=Visit, seed=seed, temperature=0.7, max_tokens=64)
            )
            assert isinstance(found, Visit)
            assert 1 <= found.days <= 9
            assert reply.call.attempts == 1  # by the server's own doing, not by asking again

    async def test_yes_or_no_is_a_probability(self, gateway: Gateway) -> None:
        chance = await gateway.yes(ask("Is water wet? Answer with one word, yes or no."))
        assert 0.0 <= chance <= 1.0

    async def test_alternatives_of_a_token_are_a_distribution(self, gateway: Gateway) -> None:
        top = (await gateway.complete(ask("Answer yes or no.", top_logprobs=5, max_tokens=1))).call.detail["top"]
        assert len(top) == 5
        assert 0 < sum(math.exp(logprob) for _, logprob in top) <= 1 + 1e-3

    async def test_many_at_once(self, gateway: Gateway) -> None:
        words = (f"{n} and one is" for n in range(16))
        replies = await asyncio.gather(*(gateway.complete(ask(each, max_tokens=4)) for each in words))
        assert all(reply.texts[0].strip() for reply in replies)
        assert gateway.in_flight == 0

    async def test_what_is_too_long_is_refused_in_one_line(self, place: Place, gateway: Gateway) -> None:
        if place.context is None:
            pytest.skip("it takes any length")
        with pytest.raises(Refused) as caught:
            await gateway.complete(ask("word " * 2 * place.context))
        assert "\n" not in str(caught.value)
        assert (await gateway.complete(ask(max_tokens=4))).texts[0].strip()  # and goes on

    async def test_a_model_that_it_has_not_is_refused(self, place: Place) -> None:
        if not place.strict:
            pytest.skip("it takes any name for the one model that it has")
        role = place.settings.role("target").model_copy(update={"model": "nobody"})
        settings = place.settings.model_copy(update={"roles": {"target": role}})
        async with Gateway(settings, Kept(), Budget(BudgetSettings()), **place.opens) as gateway:
            with pytest.raises(Refused, match="nobody"):
                await gateway.complete(ask())

    async def test_a_probe_finds_what_it_can(self, place: Place) -> None:
        seat = place.settings.role("target")
        opens = {name: how for name, how in place.opens.items() if name == "open_embedded"}
        found = (await probe(place.settings, seat.server, seat.model, **opens)).model_dump(exclude_none=True)
        assert {name: found.get(name) for name in place.can} == place.can
