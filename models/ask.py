"""A question to a role, and its answer."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel

from wunderkammer.core.calls import Call
from wunderkammer.core.contract import Message, Role, Sampling

AS_THE_ROLE = Sampling()
"""Everything left to the role's settings."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. Two asks that are equal in every field are one question, and are paid for once in a run."""

    role: Role
    messages: tuple[Message, ...]
    samples: int = 1
    """Independent replies wanted."""
    sampling: Sampling = AS_THE_ROLE
    schema: type[BaseModel] | None = None
    """The form of a structured reply; `Gateway.structured` alone looks at it."""
    top_logprobs: int = 0
    """Alternatives wanted for the first token; they arrive in `Call.detail["top"]` where the server has them."""
    run: str = ""
    """Empty: outside any run, so that nothing is recalled and equal asks are asked again."""
    slot: int = -1
    nonce: int = 0
    """Which of several equal questions in this slot."""
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The words, and the call as it was written down."""

    texts: tuple[str, ...]
    call: Call
