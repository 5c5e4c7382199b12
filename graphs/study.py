"""The study: hypothesise → design → dispatch → wait → measure → conclude, then what follows from it. A LangGraph.

State holds a counter and ids; hypotheses, designs, outcomes and findings live in the ledger, and every node looks there
before it does anything, so that a study may be killed at any moment and goes on. Jobs are named by their content: one
that is dispatched twice runs once.
"""

from __future__ import annotations

from typing import Any, TypedDict

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from wunderkammer.graphs.laboratory import Laboratory


class Study(TypedDict):
    """State of a study."""

    round: int
    """The round in hand; all before it are concluded."""
    asked: list[str]
    """Ids of the hypotheses of this round."""
    jobs: list[str]
    """Ids of its jobs."""


def from_round(number: int) -> Study:
    """What to give the graph to begin with a round."""
    return Study(round=number, asked=[], jobs=[])


async def hypothesise(state: Study, runtime: Runtime[Laboratory]) -> dict[str, Any]:
    """Read the memory and write down what will be tested, and how it will be judged."""
    return {"asked": await runtime.context.hypothesise(state["round"]), "jobs": []}


def worth_testing(state: Study, runtime: Runtime[Laboratory]) -> str:
    """On, unless there is nothing to ask."""
    return "design" if state["asked"] else END


async def design(state: Study, runtime: Runtime[Laboratory]) -> dict[str, Any]:
    """Turn each side of each hypothesis into jobs, the same seeds for both."""
    return {"jobs": await runtime.context.design(state["round"])}


async def dispatch(state: Study, runtime: Runtime[Laboratory]) -> dict[str, Any]:
    """Hand them to the dispatcher."""
    await runtime.context.dispatch(state["round"])
    return {}


async def wait(state: Study, runtime: Runtime[Laboratory]) -> dict[str, Any]:
    """Until all are over, well or badly."""
    await runtime.context.wait(state["round"])
    return {}


async def measure(state: Study, runtime: Runtime[Laboratory]) -> dict[str, Any]:
    """Read what they left behind."""
    await runtime.context.measure(state["round"])
    return {}


async def conclude(state: Study, runtime: Runtime[Laboratory]) -> dict[str, Any]:
    """Judge, and keep the findings."""
    await runtime.context.conclude(state["round"])
    return {"round": state["round"] + 1}


def onward(state: Study, runtime: Runtime[Laboratory]) -> str:
    """To what follows, or to rest."""
    return "hypothesise" if state["round"] < runtime.context.plan.rounds else END


def build(
    checkpointer: BaseCheckpointSaver[Any] | None = None,
) -> CompiledStateGraph[Study, Laboratory, Study, Study]:
    """The compiled graph; without a checkpointer it begins at the round that it is given."""
    graph = StateGraph(Study, context_schema=Laboratory)
    graph.add_node("hypothesise", hypothesise)
    graph.add_node("design", design)
    graph.add_node("dispatch", dispatch)
    graph.add_node("wait", wait)
    graph.add_node("measure", measure)
    graph.add_node("conclude", conclude)
    graph.add_edge(START, "hypothesise")
    graph.add_conditional_edges("hypothesise", worth_testing, ["design", END])
    graph.add_edge("design", "dispatch")
    graph.add_edge("dispatch", "wait")
    graph.add_edge("wait", "measure")
    graph.add_edge("measure", "conclude")
    graph.add_conditional_edges("conclude", onward, ["hypothesise", END])
    return graph.compile(checkpointer=checkpointer, name="study")
