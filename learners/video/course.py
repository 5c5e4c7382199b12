"""One part learning: optimiser, schedule, moving average of the weights, and all of it as tensors to keep."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from wunderkammer.learners.video.lesson import Lesson
from wunderkammer.learners.video.quantiser import Level

Teach = Callable[[Tensor, torch.Generator], Lesson]
"""What a batch of clips, uint8, teaches."""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a part learns."""

    steps: int
    batch: int
    rate: float
    """The highest; it rises over `warmup` steps and falls along a cosine to a tenth."""
    warmup: int
    clip: float = 1.0
    """Norm of the gradient at most."""
    average: float = 0.99
    """Decay of the moving average of the weights."""

    def rate_at(self, turn: int) -> float:
        """Of the step after `turn` others."""
        if turn < self.warmup:
            return self.rate * (turn + 1) / self.warmup
        share = (turn - self.warmup) / max(1, self.steps - self.warmup)
        return self.rate * (0.55 + 0.45 * math.cos(math.pi * share))


@dataclass(frozen=True)
class Machine:
    """Where and in what numbers it is computed."""

    device: str = "cpu"
    bf16: bool = False
    compiled: bool = False

    def numbers(self) -> Any:
        """The context in which losses are computed."""
        return torch.autocast(self.device, torch.bfloat16) if self.bf16 else nullcontext()

    def ready(self, teach: Teach) -> Teach:
        """The same, compiled where that is wanted."""
        return torch.compile(teach) if self.compiled else teach

    def generator(self, *parts: object) -> torch.Generator:
        """Of one purpose: what it draws follows from `parts` alone, so that no state of it need be kept."""
        digest = hashlib.blake2b(repr(parts).encode(), digest_size=8).digest()
        return torch.Generator(self.device).manual_seed(int.from_bytes(digest) >> 1)


class Course:
    """A part, and how far it has learned.

    The weights that are used in the end are their moving average; `finish` puts it in their place.
    """

    def __init__(self, name: str, part: nn.Module, teach: Teach, schedule: Schedule, machine: Machine) -> None:
        self.name, self.part, self.schedule, self.machine = name, part, schedule, machine
        self.weights = dict(part.named_parameters())
        decayed = [weight for weight in self.weights.values() if weight.ndim > 1]
        others = [weight for weight in self.weights.values() if weight.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": 1e-4}, {"params": others, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, schedule.rate, betas=(0.9, 0.95), fused=True)
        self.average = [weight.detach().clone() for weight in self.weights.values()]
        self._teach = machine.ready(teach)

    def step(self, turn: int, clips: Tensor, seed: int) -> dict[str, Tensor]:
        """Learn from one batch; its figures. Raises `FloatingPointError` where the loss is no number."""
        generator = self.machine.generator(seed, self.name, turn)
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.rate_at(turn)
        with self.machine.numbers():
            lesson = self._teach(clips, generator)
        lesson.loss.backward()
        weights = list(self.weights.values())
        norm = nn.utils.clip_grad_norm_(weights, self.schedule.clip)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        if lesson.latents is not None and lesson.quantised is not None:
            settle: Any = self.part.quantiser
            settle.settle(lesson.latents, lesson.quantised.codes, generator)
        decay = min(self.schedule.average, (turn + 1) / (turn + 10))
        torch._foreach_lerp_(self.average, [weight.detach() for weight in weights], 1 - decay)
        return {"loss": lesson.loss.detach(), "gradient": norm, **lesson.figures}

    def finish(self, batches: Iterable[Tensor] = ()) -> None:
        """Put the moving average in place of the weights.

        batches: clips by which the averages of `Level` are taken anew: those that were kept while learning are of
        weights that have moved since, which shifts every code by as much as codes are apart.
        """
        with torch.no_grad():
            for weight, average in zip(self.weights.values(), self.average, strict=True):
                weight.copy_(average)
            levels = [part for part in self.part.modules() if isinstance(part, Level)]
            if not levels:
                return
            was = self.part.training
            self.part.train()
            for level in levels:
                level.begin_anew()
            for turn, clips in enumerate(batches):
                with self.machine.numbers():
                    self._teach(clips, self.machine.generator(self.name, "level", turn))
            for level in levels:
                level.go_on()
            self.part.train(was)

    def kept(self) -> dict[str, Tensor]:
        """What a later attempt needs beside the part itself to go on as if nothing had been: averages and moments."""
        found = {f"average.{name}": value for name, value in zip(self.weights, self.average, strict=True)}
        for name, weight in self.weights.items():
            found |= {f"moment.{name}.{key}": value for key, value in self.optimiser.state.get(weight, {}).items()}
        return found

    def take_up(self, kept: Mapping[str, Tensor]) -> None:
        """Go on from what was kept, with the part as it was then."""
        for name, weight, average in zip(self.weights, self.weights.values(), self.average, strict=True):
            average.copy_(kept[f"average.{name}"])
            before = f"moment.{name}."
            state = {key.removeprefix(before): value for key, value in kept.items() if key.startswith(before)}
            if state:
                self.optimiser.state[weight] = {key: value.to(weight.device) for key, value in state.items()}
