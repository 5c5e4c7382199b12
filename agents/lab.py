"""The lab of one slot: how a domain asks models, draws random numbers and keeps files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar, cast

from pydantic import BaseModel

from wunderkammer import prompts
from wunderkammer.agents.judge import Choice, Judge
from wunderkammer.agents.mutator import Mutator
from wunderkammer.core.contract import Message, Role, Sampling, Verdict
from wunderkammer.core.ids import content_id, rng_for
from wunderkammer.core.records import Aim
from wunderkammer.models.ask import Ask
from wunderkammer.models.gateway import Gateway

R = TypeVar("R", bound=BaseModel)


class Cupboard(Protocol):
    """Where files are kept under their content hash."""

    def keep(self, data: bytes, suffix: str) -> str: ...


class SlotLab:
    """`core.contract.Lab` for one slot of one run.

    Every question carries the slot, a count of equal questions before it, and a seed drawn from these: a slot that is
    run again asks exactly the same, and what was answered before is not asked again.
    """

    def __init__(
        self,
        *,
        run: str,
        seed: int,
        aim: Aim,
        gateway: Gateway,
        mutator: Mutator,
        judge: Judge,
        cupboard: Cupboard,
        clock: Callable[[], float],
    ) -> None:
        self.run = run
        self.slot = aim.slot
        self.hint = aim.hint
        self.arm: str | None = None
        self.now = clock
        self.rng = rng_for("slot", seed, aim.slot)
        self._seed = seed
        self._aim = aim
        self._gateway = gateway
        self._mutator = mutator
        self._judge = judge
        self._cupboard = cupboard
        self._asked: Counter[str] = Counter()

    # ---- models --------------------------------------------------------------------------------------------------

    async def complete(
        self, role: Role, messages: Sequence[Message], *, samples: int = 1, sampling: Sampling | None = None
    ) -> tuple[str, ...]:
        reply = await self._gateway.complete(self._question(role, messages, samples=samples, sampling=sampling))
        return reply.texts

    async def say(
        self, role: Role, prompt: str, values: Mapping[str, object], *, sampling: Sampling | None = None
    ) -> str:
        return (await self.complete(role, prompts.load(prompt).render(values), sampling=sampling))[0].strip()

    async def ask(
        self, role: Role, prompt: str, values: Mapping[str, object], reply: type[R], *, sampling: Sampling | None = None
    ) -> R:
        messages = prompts.load(prompt).render(values)
        found, _ = await self._gateway.structured(self._question(role, messages, sampling=sampling, schema=reply))
        return cast(R, found)

    async def probability(self, role: Role, prompt: str, values: Mapping[str, object]) -> float:
        return await self._gateway.yes(self._question(role, prompts.load(prompt).render(values)))

    async def rewrite(self, steps: Sequence[tuple[str, Mapping[str, object]]], parent: str) -> str | None:
        return await self._mutator.rewrite(steps, parent, partial(self.say, "mutator"))

    async def compare(self, prompt: str, values: Mapping[str, object], challenger: str, incumbent: str) -> Verdict:
        return await self._judge.compare(prompt, values, challenger, incumbent, self._choose)

    async def _choose(self, prompt: str, values: Mapping[str, object]) -> Choice:
        return await self.ask("judge", prompt, values, Choice)

    def _question(
        self,
        role: Role,
        messages: Sequence[Message],
        *,
        samples: int = 1,
        sampling: Sampling | None = None,
        schema: type[BaseModel] | None = None,
    ) -> Ask:
        same = content_id(role, [m.content for m in messages], samples, sampling, schema and schema.__name__)
        nonce = self._asked[same]
        self._asked[same] += 1
        return Ask(
            role=role,
            messages=tuple(messages),
            samples=samples,
            sampling=sampling or Sampling(),
            schema=schema,
            run=self.run,
            slot=self.slot,
            nonce=nonce,
            seed=rng_for("call", self._seed, self.slot, same, nonce).getrandbits(31),
        )

    # ---- the rest ------------------------------------------------------------------------------------------------

    def pick(self, arms: Sequence[str]) -> str:
        def draw(arm: str) -> float:
            won, tried = self._aim.odds.get(arm, (0, 0))
            return self.rng.betavariate(1 + won, 1 + tried - won)

        self.arm = max(arms, key=draw)  # one draw per arm, in the order given: the same every time
        return self.arm

    def keep(self, data: bytes, suffix: str = ".bin") -> str:
        return self._cupboard.keep(data, suffix)
