"""Hardening: attack → examine → (collect → teach → train → load → examine → reattack) × rounds. A state machine.

State holds counters and names; lessons, adapters, figures and archives lie in artifact store, registry and ledger, each
under a name that follows from the hardening and the round. A stage that is run again finds what it made before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypedDict

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime


class Workshop(Protocol):
    """Who does the work. Every method may be called again, and then changes nothing.

    Each raises `WunderError` where the stage cannot be done; what was finished before is kept.
    """

    @property
    def rounds(self) -> int:
        """How often to repair and attack again."""
        ...

    async def attack(self) -> int:
        """Make the archives that are lacking; how many there are."""
        ...

    async def collect(self, number: int) -> int:
        """Choose the failures that a round learns from; how many."""
        ...

    async def teach(self, number: int) -> str:
        """Turn them into lessons; the artifact that holds the data set."""
        ...

    async def train(self, number: int, lessons: str) -> str:
        """Train an adapter on a data set; the name that it is registered under."""
        ...

    async def load(self, number: int, adapter: str) -> str:
        """Serve an adapter; the address at which it answers."""
        ...

    async def examine(self, number: int, address: str) -> None:
        """Put held-out attacks and ordinary prompts to a target, and measure what it is still good for."""
        ...

    async def reattack(self, number: int, address: str) -> str:
        """Search against a target afresh; the run."""
        ...


@dataclass(frozen=True)
class Shop:
    """Context of the graph."""

    work: Workshop


class Harden(TypedDict):
    """State of a hardening."""

    round: int
    """The round in hand; 0: nothing is trained yet."""
    lessons: str
    """Artifact of the round's data set."""
    adapter: str
    """Name of the round's adapter."""
    address: str
    """Where the target of the round answers; empty: the original."""
    run: str
    """The round's re-attack."""


def afresh() -> Harden:
    """What to give the graph to begin with."""
    return Harden(round=0, lessons="", adapter="", address="", run="")


async def attack(state: Harden, runtime: Runtime[Shop]) -> dict[str, Any]:
    """Make the archives that are lacking."""
    await runtime.context.work.attack()
    return {}


async def collect(state: Harden, runtime: Runtime[Shop]) -> dict[str, Any]:
    """Begin the next round: choose what it learns from."""
    number = state["round"] + 1
    await runtime.context.work.collect(number)
    return {"round": number, "lessons": "", "adapter": "", "address": "", "run": ""}


async def teach(state: Harden, runtime: Runtime[Shop]) -> dict[str, Any]:
    """Make the round's data set."""
    return {"lessons": await runtime.context.work.teach(state["round"])}


async def train(state: Harden, runtime: Runtime[Shop]) -> dict[str, Any]:
    """Train the round's adapter."""
    return {"adapter": await runtime.context.work.train(state["round"], state["lessons"])}


async def load(state: Harden, runtime: Runtime[Shop]) -> dict[str, Any]:
    """Serve it."""
    return {"address": await runtime.context.work.load(state["round"], state["adapter"])}


async def examine(state: Harden, runtime: Runtime[Shop]) -> dict[str, Any]:
    """Take the figures of the target as it is now."""
    await runtime.context.work.examine(state["round"], state["address"])
    return {}


async def reattack(state: Harden, runtime: Runtime[Shop]) -> dict[str, Any]:
    """Search against it afresh."""
    return {"run": await runtime.context.work.reattack(state["round"], state["address"])}


def after_examination(state: Harden) -> str:
    """The original is repaired; what was repaired is attacked."""
    return "reattack" if state["round"] else "collect"


def again(state: Harden, runtime: Runtime[Shop]) -> str:
    """Another round, until all are done."""
    return "collect" if state["round"] < runtime.context.work.rounds else END


def build(checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledStateGraph[Harden, Shop, Harden, Harden]:
    """The compiled graph; without a checkpointer it begins anew, and finds in the ledger what was done."""
    graph = StateGraph(Harden, context_schema=Shop)
    graph.add_node("attack", attack)
    graph.add_node("examine", examine)
    graph.add_node("collect", collect)
    graph.add_node("teach", teach)
    graph.add_node("train", train)
    graph.add_node("load", load)
    graph.add_node("reattack", reattack)
    graph.add_edge(START, "attack")
    graph.add_edge("attack", "examine")
    graph.add_edge("collect", "teach")
    graph.add_edge("teach", "train")
    graph.add_edge("train", "load")
    graph.add_edge("load", "examine")
    graph.add_conditional_edges("examine", after_examination, ["collect", "reattack"])
    graph.add_conditional_edges("reattack", again, ["collect", END])
    return graph.compile(checkpointer=checkpointer, name="harden")


def make_graph() -> CompiledStateGraph[Harden, Shop, Harden, Harden]:
    """The graph for LangGraph's own tools (`langgraph.json`), which bring their own checkpointer."""
    return build()
