"""What a run of `rainbow-skills` may be told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wunderkammer.core.contract import Frozen

Foreign = Literal["es", "fr", "de"]
Form = Literal["code", "model"]


class SkillOptions(Frozen):
    """Settings of the domain."""

    samples: int = Field(3, ge=1, le=64)
    """Answers per question. More of them make the error rate finer, and the elites less lucky."""
    max_tokens: int = Field(48, ge=4, le=4096)
    """Length of an answer; raise it for a target that reasons aloud."""
    temperature: float = Field(0.3, ge=0, le=2)
    """Of the target. At 0 all samples are alike: then ask for one."""
    examples: int = Field(4, ge=0, le=8)
    """Worked examples before each question: other problems of its kind, easy and plainly worded."""
    languages: tuple[Foreign, ...] = Field(("es", "fr", "de"), min_length=1)
    """Which the manner "another language" draws from."""
    max_difficulty: float = Field(0.6, gt=0, le=1)
    """Nothing harder is asked; see `problem` for the scale."""
    seed_difficulty: float = Field(0.3, ge=0, le=1)
    """Seeds are drawn uniformly from 0 up to it, within `max_difficulty`."""
    forms: tuple[Form, ...] = Field(("code", "model"), min_length=1)
    """How questions are reworded: by grammar, by the mutator model, or as the more accepted of both."""
