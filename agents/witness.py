"""The witness: a model that is shown a picture and asked whether a sentence is true of it."""

from __future__ import annotations

import asyncio
import io
from base64 import b64encode
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wunderkammer import prompts
from wunderkammer.core.contract import Message, Role
from wunderkammer.core.errors import BadReply
from wunderkammer.models.ask import Ask
from wunderkammer.models.gateway import Gateway

PROMPT = "vlm-rewards/shown"
TRIES = 3
"""How often a picture is shown to a model that says neither yes nor no."""


class Witness:
    """P(yes), for any chat model that sees, on any server.

    prompt: the name of one with the variable `goal`. What a server fails to answer is asked again by the gateway; what
    is no answer is asked again here. Nothing is ever made up: whoever gets no answer gets the error.
    """

    def __init__(self, gateway: Gateway, role: Role = "judge", prompt: str = PROMPT, tries: int = TRIES) -> None:
        self._gateway, self._role, self._prompt, self._tries = gateway, role, prompts.load(prompt), tries

    async def chances(self, frames: NDArray[np.uint8], goals: Sequence[str]) -> NDArray[np.float64]:
        """One for each frame, (frames, height, width, 3), of its own goal; equal questions are asked once.

        Raises:
            ModelError: a question was not answered, after all tries; `BadReply` where every answer was neither.
        """
        asked = {(frame.tobytes(), goal): (frame, goal) for frame, goal in zip(frames, goals, strict=True)}
        tasks = {key: asyncio.ensure_future(self._ask(*one)) for key, one in asked.items()}
        try:
            await asyncio.gather(*tasks.values())
        finally:  # the first failure ends the others
            for task in tasks.values():
                task.cancel()
        answers = [tasks[frame.tobytes(), goal].result() for frame, goal in zip(frames, goals, strict=True)]
        return np.array(answers, np.float64)

    async def _ask(self, frame: NDArray[np.uint8], goal: str) -> float:
        *before, last = self._prompt.render({"goal": goal})
        shown = Message(role=last.role, content=last.content, pictures=(data_url(frame),))
        for turn in range(self._tries):
            try:
                return await self._gateway.yes(Ask(role=self._role, messages=(*before, shown), seed=turn))
            except BadReply:
                if turn + 1 == self._tries:
                    raise
        raise AssertionError("at least one try is made")


def data_url(frame: NDArray[np.uint8]) -> str:
    """A frame, (height, width, 3), as PNG within an address."""
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "PNG")
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"
