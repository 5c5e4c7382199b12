"""Brings candidates of one step together where a domain evaluates many at once, such as vectorised rollouts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from wunderkammer.core.contract import Candidate, Evaluates, Lab, Outcome
from wunderkammer.core.records import Aim


class Gathering:
    """Groups of `domain.together` neighbouring slots; a group is evaluated when each has come or passed by.

    Who is in a group follows from slot numbers alone, so that a resumed run forms the same groups, only smaller by
    what was evaluated before.
    """

    def __init__(self, domain: Evaluates[Any], aims: Sequence[Aim]) -> None:
        self._domain = domain
        size = domain.together
        groups = [_Group({aim.slot for aim in aims[at : at + size]}) for at in range(0, len(aims), size)]
        self._group = {slot: group for group in groups for slot in group.expected}

    async def evaluate(self, slot: int, candidate: Candidate[Any], lab: Lab) -> Outcome:
        """The outcome of a candidate, evaluated with its group."""
        if self._domain.together == 1:
            return (await self._domain.evaluate([candidate], lab))[0]
        group = self._group[slot]
        group.expected.discard(slot)
        group.came[slot] = candidate
        group.lab = group.lab or lab
        self._go_if_complete(group)
        return await group.outcome(slot)

    def pass_by(self, slot: int) -> None:
        """A slot that has nothing to evaluate: its group must not wait for it."""
        group = self._group[slot]
        if slot in group.expected:
            group.expected.discard(slot)
            self._go_if_complete(group)

    def _go_if_complete(self, group: _Group) -> None:
        if not group.expected and group.came and group.work is None and self._domain.together > 1:
            candidates = group.in_order()
            group.work = asyncio.ensure_future(self._domain.evaluate(candidates, _lab(group)))
            group.complete.set()


class _Group:
    def __init__(self, expected: set[int]) -> None:
        self.expected = expected
        self.came: dict[int, Candidate[Any]] = {}
        self.lab: Lab | None = None
        self.work: asyncio.Future[Sequence[Outcome]] | None = None
        self.complete = asyncio.Event()
        self._places: dict[int, int] = {}

    def in_order(self) -> list[Candidate[Any]]:
        """Those that came, once all have."""
        self._places = {slot: at for at, slot in enumerate(sorted(self.came))}
        return [self.came[slot] for slot in self._places]

    async def outcome(self, slot: int) -> Outcome:
        await self.complete.wait()
        assert self.work is not None
        outcomes = await asyncio.shield(self.work)
        return outcomes[self._places[slot]]


def _lab(group: _Group) -> Lab:
    assert group.lab is not None
    return group.lab
