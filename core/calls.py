"""One question to a model and its answer, as the ledger keeps it; and whom the gateway tells about it."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from pydantic import Field

from wunderkammer.core.contract import Frozen


class Call(Frozen):
    """A finished model call. The reply is kept so that a resumed run never pays for it twice."""

    id: str
    """Hash of run, slot, request and how many equal requests came before it in that slot."""
    run: str
    slot: int
    """-1 for calls outside any slot, such as reflections."""
    role: str
    server: str
    """Address without credentials."""
    model: str
    request: str
    """Hash of everything that was sent: the response cache looks answers up by it."""
    texts: tuple[str, ...] = ()
    """The replies; empty after an error."""
    detail: dict[str, Any] = Field(default_factory=dict)
    """What a question by log-probability needs again: top tokens of the first position."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    attempts: int = 1
    cached: bool = False
    status: Literal["ok", "error"] = "ok"
    error: str | None = None
    at: float = 0.0
    """Seconds since the epoch at the start."""


class Recorder(Protocol):
    """Where the gateway writes calls down, and looks them up. The ledger is one; tests use a list."""

    def record(self, call: Call) -> None:
        """Keep a call; returns at once, is durable soon after."""
        ...

    def recall(self, call_id: str) -> Call | None:
        """The call of this id if it was answered before the run was interrupted."""
        ...

    async def cached(self, request: str) -> Call | None:
        """Any earlier answer to an equal request."""
        ...
