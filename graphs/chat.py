"""The chat: hear → think → weigh → ask → act → think …, until the guide only speaks. A LangGraph state machine.

State holds the conversation, bounded, as plain values. `ask` is where the user is interrupted with a question; whatever
must not be done twice stands in a node of its own, one call each, so that a kill costs at most the call in hand.
"""

from __future__ import annotations

from typing import Any, TypedDict

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from wunderkammer.agents.guide.guide import MOST_WRONG, Guide, Pending
from wunderkammer.agents.guide.history import Message


class Chat(TypedDict):
    """State of a conversation."""

    words: str
    """What the user says now."""
    turn: int
    step: int
    """Replies of the model in this turn."""
    wrong: int
    """Wrong calls in this turn."""
    messages: list[Message]
    earlier: list[str]
    """A line for each turn that was dropped."""
    pending: list[Pending]
    """Calls that are still to be done."""
    verdicts: dict[str, bool]
    """What the user said to questions, by call."""


class Heard(TypedDict):
    """What the graph is given."""

    words: str


def hear(state: Chat, runtime: Runtime[Guide]) -> dict[str, Any]:
    """Take in what the user says."""
    turn = state.get("turn", 0) + 1
    messages, earlier = runtime.context.hear(state.get("messages", []), state.get("earlier", []), state["words"], turn)
    fresh = {"step": 0, "wrong": 0, "pending": [], "verdicts": {}}
    return {"turn": turn, "messages": messages, "earlier": earlier, **fresh}


async def think(state: Chat, runtime: Runtime[Guide]) -> dict[str, Any]:
    """Let the model say something, or ask for tools."""
    said = await runtime.context.think(state["messages"], state["earlier"], state["turn"], state["step"])
    return {"messages": [*state["messages"], said], "step": state["step"] + 1}


def wants(state: Chat, runtime: Runtime[Guide]) -> str:
    """On, where tools were asked for."""
    return "weigh" if state["messages"][-1]["calls"] else END


async def weigh(state: Chat, runtime: Runtime[Guide]) -> dict[str, Any]:
    """Check the calls, and find out which the user has to say yes to."""
    pending = await runtime.context.weigh(state["messages"])
    wrong = sum(1 for call in pending if call["fault"])
    return {"pending": pending, "verdicts": {}, "wrong": state["wrong"] + wrong}


def ask(state: Chat, runtime: Runtime[Guide]) -> dict[str, Any]:
    """Ask the user; the answers come when the graph is resumed, in the order of the questions."""
    asked = [call for call in state["pending"] if call["question"]]
    return {"verdicts": {call["id"]: interrupt({"question": call["question"]}) is True for call in asked}}


async def act(state: Chat, runtime: Runtime[Guide]) -> dict[str, Any]:
    """Do the first call that is still to be done."""
    first, *rest = state["pending"]
    answer = await runtime.context.act(first, state["verdicts"])
    return {"messages": [*state["messages"], answer], "pending": rest}


def after_act(state: Chat, runtime: Runtime[Guide]) -> str:
    """To the next call, or back to the model, which has not all the tries in the world."""
    if state["pending"]:
        return "act"
    return "think" if state["wrong"] < MOST_WRONG else "give_up"


def give_up(state: Chat, runtime: Runtime[Guide]) -> dict[str, Any]:
    """Say that it did not work."""
    return {"messages": [*state["messages"], runtime.context.give_up(state["turn"])]}


def build(checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledStateGraph[Chat, Guide, Heard, Chat]:
    """The compiled graph; without a checkpointer it can neither ask nor remember."""
    graph = StateGraph(Chat, context_schema=Guide, input_schema=Heard)
    graph.add_node("hear", hear)
    graph.add_node("think", think)
    graph.add_node("weigh", weigh)
    graph.add_node("ask", ask)
    graph.add_node("act", act)
    graph.add_node("give_up", give_up)
    graph.add_edge(START, "hear")
    graph.add_edge("hear", "think")
    graph.add_conditional_edges("think", wants, ["weigh", END])
    graph.add_edge("weigh", "ask")
    graph.add_edge("ask", "act")
    graph.add_conditional_edges("act", after_act, ["act", "think", "give_up"])
    graph.add_edge("give_up", END)
    return graph.compile(checkpointer=checkpointer, name="chat")


def make_graph() -> CompiledStateGraph[Chat, Guide, Heard, Chat]:
    """The graph for LangGraph's own tools (`langgraph.json`), which bring their own checkpointer."""
    return build()
