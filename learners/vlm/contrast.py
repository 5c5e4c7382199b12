"""Learning which sentence goes with which frame: CLIP's loss, with equal sentences counted as one.

Source: Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision"; targets shared
among equal sentences as in supervised contrastive learning (Khosla et al. 2020).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from wunderkammer.learners.video.course import Course, Machine, Schedule
from wunderkammer.learners.video.keeping import Keeping
from wunderkammer.learners.video.lesson import Lesson
from wunderkammer.learners.vlm.clip import said, seen

WARMEST = math.log(100.0)
"""The logit scale never exceeds 100, as in the paper: beyond it nothing is learned from what is nearly right."""
SAVED_EVERY_S = 60.0
TELLS = 20
"""Lines of progress in all."""


class Tell(Protocol):
    """Hears of progress; `Desk.tell` is one."""

    def __call__(self, step: int, of: int | None = None, words: str = "", **figures: float) -> None: ...


@dataclass(frozen=True)
class Captioned:
    """Frames, each with a sentence that is true of it."""

    frames: Tensor
    """uint8 (frames, height, width, 3)."""
    prompt: Tensor
    """int64 (frames,): which of the prompts each has."""
    tokens: Tensor
    """int64 (prompts, longest): all different."""
    sentence: Tensor
    """int64 (prompts,): equal where prompts say the same in other words."""

    def to(self, device: str) -> Captioned:
        """The same elsewhere."""
        return Captioned(*(part.to(device) for part in (self.frames, self.prompt, self.tokens, self.sentence)))


def loss(pictures: Tensor, texts: Tensor, scale: Tensor, of_frames: Tensor, of_texts: Tensor) -> Tensor:
    """Mean cross-entropy both ways, scalar: which text goes with each frame, and which frame with each text. Frames may
    share a sentence, and texts be one sentence in two prompts: all that fit are right, in equal parts.

    pictures: (frames, width). texts: (texts, width). of_frames, of_texts: int64, their sentences.
    """
    fits = (of_frames[:, None] == of_texts[None]).float()
    scores = scale.exp() * pictures @ texts.T
    ways = ((scores, fits), (scores.T, fits.T))
    return torch.stack([functional.cross_entropy(one, fit / fit.sum(1, keepdim=True)) for one, fit in ways]).mean()


def train(
    model: Any,
    data: Captioned,
    schedule: Schedule,
    seed: int,
    keeping: Keeping,
    tell: Tell,
    now: Callable[[], float],
    machine: Machine = Machine(),
) -> dict[str, float]:
    """Learn, and leave the moving average of the weights in `model`; what the last steps came to.

    Killed at any moment and called again, it ends with the same weights.
    """
    model.to(machine.device).train()
    data = data.to(machine.device)

    def teach(rows: Tensor, _: torch.Generator) -> Lesson:
        prompts = data.prompt[rows].unique()
        pictures, texts = seen(model, data.frames[rows]), said(model, data.tokens[prompts])
        scale = model.logit_scale.clamp(max=WARMEST)
        return Lesson(loss(pictures, texts, scale, data.sentence[data.prompt[rows]], data.sentence[prompts]), {})

    course = Course("clip", model, teach, schedule, machine)
    turn, saved, found = _take_up(model, course, keeping), now(), math.nan
    every = max(1, schedule.steps // TELLS)
    while turn < schedule.steps:
        drawn = machine.generator(seed, "rows", turn)
        rows = torch.randint(len(data.frames), (schedule.batch,), generator=drawn, device=machine.device)
        figures = course.step(turn, rows, seed)
        turn += 1
        if turn % every == 0 or turn == schedule.steps:
            found = float(figures["loss"])
            tell(turn, schedule.steps, "learning captions", loss=found)
        if turn < schedule.steps and now() - saved >= SAVED_EVERY_S:
            saved = now()
            weights = {f"part.{name}": value for name, value in model.state_dict().items()}
            keeping.save({**weights, **course.kept()}, {"turn": turn})
    course.finish()
    model.eval()
    return {"loss": found}


def _take_up(model: Any, course: Course, keeping: Keeping) -> int:
    """How many steps were made before, with everything as it was then."""
    kept = keeping.latest()
    if kept is None:
        return 0
    mine = "part."
    model.load_state_dict({n.removeprefix(mine): v for n, v in kept.tensors.items() if n.startswith(mine)})
    course.take_up({n: v for n, v in kept.tensors.items() if not n.startswith(mine)})
    return int(kept.notes["turn"])
