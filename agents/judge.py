"""The judge: which of two texts goes further, asked several times and in both orders."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from wunderkammer.core.contract import Frozen, Verdict, Vote
from wunderkammer.core.errors import BadReply


class Choice(Frozen):
    """The judge's reply."""

    choice: Literal["A", "B", "tie"]


Ask = Callable[[str, Mapping[str, object]], Awaitable[Choice]]
"""Renders a prompt with values and returns the judge's choice; raises `BadReply` where it makes none."""


class Judge:
    """Pairwise preference with its order swapped.

    evaluations: per order; the paper's two make four votes (Rainbow Teaming, section 3). Models favour the text they
    see first, or last: with both orders such a habit cancels out into a tie.
    swap: off, the challenger stands first in every vote (an ablation).
    """

    def __init__(self, evaluations: int = 2, swap: bool = True) -> None:
        self.evaluations = evaluations
        self.orders = (True, False) if swap else (True, True)

    async def compare(
        self, prompt: str, values: Mapping[str, object], challenger: str, incumbent: str, ask: Ask
    ) -> Verdict:
        """All votes at once; the prompt must declare `a` and `b`."""
        votes = await asyncio.gather(
            *(
                self._vote(prompt, values, challenger, incumbent, first, ask)
                for _ in range(self.evaluations)
                for first in self.orders
            )
        )
        return Verdict(votes=tuple(votes))

    @staticmethod
    async def _vote(
        prompt: str, values: Mapping[str, object], challenger: str, incumbent: str, challenger_first: bool, ask: Ask
    ) -> Vote:
        a, b = (challenger, incumbent) if challenger_first else (incumbent, challenger)
        try:
            reply = await ask(prompt, {**values, "a": a, "b": b})
        except BadReply:
            return "void"  # a judge without words is nobody's vote; the verdict counts it against the challenger
        if reply.choice == "tie":
            return "tie"
        return "challenger" if (reply.choice == "A") == challenger_first else "incumbent"
