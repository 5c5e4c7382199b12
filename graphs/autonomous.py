"""The autonomous run: choose → act → settle, until the budget is used up or nothing is left to gain. A LangGraph.

State holds a counter and a name; choices, what they came to and everything that was found live in the ledger. A choice
is written down before it is acted on, and an act that was broken off goes on from where it stood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, TypedDict

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime


class Itinerary(Protocol):
    """Context of the graph: who does the work. Every method may be called again, and then changes nothing."""

    async def choose(self, step: int) -> str:
        """Read the inbox, decide what is next and write it down; the activity, or nothing where there is none left.

        What to rest for is in `halt` then.
        """
        ...

    async def act(self, step: int) -> None:
        """Do what was decided; raises `Resting` where the user wants out in the middle of it."""
        ...

    async def settle(self, step: int) -> str:
        """Write down what it gave and cost; why the run should rest now, or nothing."""
        ...

    @property
    def halt(self) -> str:
        """Why the run should rest: what a message or the budget said."""
        ...


@dataclass(frozen=True)
class Map:
    """Holds the itinerary; LangGraph wants a class for its context."""

    itinerary: Itinerary


class Autonomous(TypedDict):
    """State of an autonomous run."""

    step: int
    """The choice in hand; all before it are settled."""
    arm: str
    """What was decided; empty: nothing."""
    halt: str
    """Why the run should rest; empty: it should not."""


def from_step(step: int) -> Autonomous:
    """What to give the graph to begin with a choice."""
    return Autonomous(step=step, arm="", halt="")


async def choose(state: Autonomous, runtime: Runtime[Map]) -> dict[str, Any]:
    """Decide."""
    itinerary = runtime.context.itinerary
    arm = await itinerary.choose(state["step"])
    return {"arm": arm, "halt": itinerary.halt if not arm else ""}


def chosen(state: Autonomous, runtime: Runtime[Map]) -> str:
    """On, where there is something to do."""
    return "act" if state["arm"] else END


async def act(state: Autonomous, runtime: Runtime[Map]) -> dict[str, Any]:
    """Do it."""
    await runtime.context.itinerary.act(state["step"])
    return {}


async def settle(state: Autonomous, runtime: Runtime[Map]) -> dict[str, Any]:
    """Count what it gave and cost."""
    halt = await runtime.context.itinerary.settle(state["step"])
    return {"step": state["step"] + 1, "halt": halt}


def onward(state: Autonomous, runtime: Runtime[Map]) -> str:
    """To the next choice, or to rest."""
    return END if state["halt"] else "choose"


def build(
    checkpointer: BaseCheckpointSaver[Any] | None = None,
) -> CompiledStateGraph[Autonomous, Map, Autonomous, Autonomous]:
    """The compiled graph; without a checkpointer it begins at the choice that it is given."""
    graph = StateGraph(Autonomous, context_schema=Map)
    graph.add_node("choose", choose)
    graph.add_node("act", act)
    graph.add_node("settle", settle)
    graph.add_edge(START, "choose")
    graph.add_conditional_edges("choose", chosen, ["act", END])
    graph.add_edge("act", "settle")
    graph.add_conditional_edges("settle", onward, ["choose", END])
    return graph.compile(checkpointer=checkpointer, name="autonomous")
