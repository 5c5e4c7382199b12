"""The state machine of hardening: which stage follows which, and where it goes on."""

from __future__ import annotations

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from wunderkammer.graphs import harden


class Log:
    """A workshop that writes down what it is asked to do, and breaks once where it is told to."""

    def __init__(self, rounds: int = 1, breaks: str = "") -> None:
        self.rounds = rounds
        self.breaks = breaks
        self.done: list[str] = []

    def _did(self, what: str) -> str:
        if what == self.breaks:
            self.breaks = ""
            raise RuntimeError(what)
        self.done.append(what)
        return what

    async def attack(self) -> int:
        self._did("attack")
        return 2

    async def collect(self, number: int) -> int:
        self._did(f"collect {number}")
        return 1

    async def teach(self, number: int) -> str:
        return self._did(f"teach {number}")

    async def train(self, number: int, lessons: str) -> str:
        assert lessons == f"teach {number}"
        return self._did(f"train {number}")

    async def load(self, number: int, adapter: str) -> str:
        assert adapter == f"train {number}"
        return self._did(f"load {number}")

    async def examine(self, number: int, address: str) -> None:
        assert address == (f"load {number}" if number else "")
        self._did(f"examine {number}")

    async def reattack(self, number: int, address: str) -> str:
        assert address == f"load {number}"
        return self._did(f"reattack {number}")


def round_of(number: int) -> list[str]:
    return [f"{stage} {number}" for stage in ("collect", "teach", "train", "load", "examine", "reattack")]


@pytest.mark.parametrize("rounds", [1, 3])
async def test_the_original_is_examined_then_each_round_is_gone_through(rounds):
    log = Log(rounds)
    final = await harden.build().ainvoke(harden.afresh(), context=harden.Shop(log))
    assert log.done == ["attack", "examine 0", *(stage for n in range(rounds) for stage in round_of(n + 1))]
    assert final["run"] == f"reattack {rounds}"


@pytest.mark.parametrize("stage", ["attack", "examine 0", *round_of(1), *round_of(2)])
async def test_it_goes_on_at_the_stage_that_broke(stage):
    log, graph = Log(2, stage), harden.build(InMemorySaver())
    config = {"configurable": {"thread_id": "h"}}
    with pytest.raises(RuntimeError, match=stage):
        await graph.ainvoke(harden.afresh(), config, context=harden.Shop(log))
    await graph.ainvoke(None, config, context=harden.Shop(log))
    assert log.done == ["attack", "examine 0", *round_of(1), *round_of(2)]


async def test_state_holds_names_and_counters_alone():
    final = await harden.build().ainvoke(harden.afresh(), context=harden.Shop(Log(2)))
    assert all(isinstance(value, (str, int)) for value in final.values())
    assert sum(len(str(value)) for value in final.values()) < 200
