"""Models of pictures and words as the user names them: how likely they find goals, and how well that tells true from
false."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wunderkammer.apps.installation import ledger_address
from wunderkammer.apps.rehearing import gateway_of
from wunderkammer.core.contract import Role
from wunderkammer.core.errors import ConfigError
from wunderkammer.memory.ledger import opened as ledger_opened

if TYPE_CHECKING:
    from wunderkammer.core.settings import Settings
    from wunderkammer.learners.vlm.embedder import Chances, Embedder, Frames, Scorer

ROLE: Role = "judge"


@dataclass(frozen=True)
class ChatScorer:
    """A chat model that sees, as a `Scorer`: each call opens the gateway anew, and asks all frames at once."""

    settings: Settings

    def chances(self, frames: Frames, goals: Sequence[str]) -> Chances:
        """P(yes) of each frame's own goal; `ModelError` where an answer is not to be had."""
        return asyncio.run(self._asked(frames, goals))

    async def _asked(self, frames: Frames, goals: Sequence[str]) -> Chances:
        from wunderkammer.agents.witness import Witness

        with ledger_opened(ledger_address(self.settings)) as ledger:
            async with gateway_of(self.settings, ledger) as gateway:
                return await Witness(gateway, ROLE).chances(frames, goals)


def is_address(model: str) -> bool:
    """Whether a model is one that is asked over HTTP."""
    return "://" in model or "#" in model


def embedder(model: str) -> Embedder:
    """CLIP, SigLIP, or a model of open_clip; on a GPU where there is one."""
    from wunderkammer.learners.vlm.opening import opened

    try:
        import torch
    except ModuleNotFoundError as lacking:
        raise ConfigError(f"to look at pictures takes torch and transformers ({lacking}): make trainer") from None
    return opened(model, "cuda" if torch.cuda.is_available() else "cpu")


def scorer(settings: Settings, model: str, negatives: Sequence[str], template: str = "{}", tau: float = 0.0) -> Scorer:
    """Whoever says how likely a frame shows its goal.

    Raises:
        ConfigError: there is no such model, or it is a CLIP and has nothing to set a goal against.
    """
    if is_address(model):
        return ChatScorer(settings.with_role(ROLE, model))
    from wunderkammer.learners.vlm.reward import Contrast

    if not negatives:
        raise ConfigError("a CLIP tells a goal from others only: name at least one --negative")
    return Contrast(embedder(model), list(negatives), tau, template)
