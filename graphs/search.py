"""The search: aim → explore (a few tasks a step) → remember → aim …, then reflect. A LangGraph state machine.

State holds counters and the ids of the step in hand; candidates, outcomes and the archive live in the ledger. While
one step is gathered, `lag` further steps are already at work, so that a slow reply holds nobody up.
"""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict, cast

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Overwrite, Send

from wunderkammer.graphs.attempt import evaluator
from wunderkammer.graphs.bench import Bench

SHARE = 8
"""Slots per task, at least. Every task that ends is a commit of its own to the checkpoints: a millisecond of CPU."""


class Search(TypedDict):
    """State of a search."""

    due: int
    """The step that is gathered next; all before it are remembered."""
    going: int
    """One past the last step whose slots are at work."""
    made: Annotated[list[str], operator.add]
    """Ids of the candidates of the step in hand; emptied when it is remembered."""
    halt: str
    """Why the run should rest after this step; empty: it should not."""


class Share(TypedDict):
    """What one task of the fan-out is told: its slots are first … end - 1."""

    first: int
    end: int


def from_step(due: int) -> Search:
    """What to give the graph to begin with a step, whatever the state was when it came to rest."""
    # Overwrite is how a reducer channel is reset; the state itself holds the list.
    return Search(due=due, going=due, made=cast(list[str], Overwrite([])), halt="")


async def aim(state: Search, runtime: Runtime[Bench]) -> dict[str, Any]:
    """Read the inbox, lay out what may be laid out, set it going."""
    going = await runtime.context.aim(state["due"])
    return {"going": going, "halt": runtime.context.steering.halt}


def fan_out(state: Search, runtime: Runtime[Bench]) -> list[Send]:
    """The slots of the step that is due, `SHARE` to a task; those that are evaluated together end together."""
    batch = runtime.context.run.plan.batch
    first, share = state["due"] * batch, max(SHARE, evaluator(runtime.context.domain).together)
    return [
        Send("explore", Share(first=at, end=min(at + share, first + batch)))
        for at in range(first, first + batch, share)
    ]


async def explore(state: Share, runtime: Runtime[Bench]) -> dict[str, Any]:
    """Wait for a few slots, which have been at work for a while."""
    finished = [await runtime.context.flow.finish(slot) for slot in range(state["first"], state["end"])]
    return {"made": [done.made.candidate.id for done in finished if done.made.candidate]}


async def remember(state: Search, runtime: Runtime[Bench]) -> dict[str, Any]:
    """Keep the step."""
    await runtime.context.remember(state["due"])
    return {"due": state["due"] + 1, "made": Overwrite([])}


def onward(state: Search, runtime: Runtime[Bench]) -> str:
    """To the next step, to a reflection, or to rest."""
    plan = runtime.context.run.plan
    if state["halt"] or state["due"] >= plan.steps:
        return "reflect"
    return "reflect" if plan.reflect_every and state["due"] % plan.reflect_every == 0 else "aim"


async def reflect(state: Search, runtime: Runtime[Bench]) -> dict[str, Any]:
    """Let the scientist say what was learnt so far."""
    await runtime.context.reflect()
    return {}


def after_reflection(state: Search, runtime: Runtime[Bench]) -> str:
    """On, unless all is done."""
    return END if state["halt"] or state["due"] >= runtime.context.run.plan.steps else "aim"


def build(checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledStateGraph[Search, Bench, Search, Search]:
    """The compiled graph; without a checkpointer it cannot be resumed."""
    graph = StateGraph(Search, context_schema=Bench)
    graph.add_node("aim", aim)
    graph.add_node("explore", explore, input_schema=Share)
    graph.add_node("remember", remember)
    graph.add_node("reflect", reflect)
    graph.add_edge(START, "aim")
    graph.add_conditional_edges("aim", fan_out, ["explore"])
    graph.add_edge("explore", "remember")
    graph.add_conditional_edges("remember", onward, ["aim", "reflect"])
    graph.add_conditional_edges("reflect", after_reflection, ["aim", END])
    return graph.compile(checkpointer=checkpointer, name="search")


def make_graph() -> CompiledStateGraph[Search, Bench, Search, Search]:
    """The graph for LangGraph's own tools (`langgraph.json`), which bring their own checkpointer."""
    return build()
