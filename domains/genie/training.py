"""One training from beginning to end: tokenizer, then latent actions, then dynamics; curves, pictures, a world."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from wunderkammer.core.ids import rng_for
from wunderkammer.domains.genie import prompts
from wunderkammer.domains.genie.examination import Frames, look
from wunderkammer.domains.genie.settings import AHEAD, PARTS, GenieSettings, Part
from wunderkammer.learners.video.clips import Clips
from wunderkammer.learners.video.course import Course, Machine, Schedule, Teach
from wunderkammer.learners.video.keeping import Keeping
from wunderkammer.learners.video.lesson import Lesson
from wunderkammer.learners.video.world_model import WorldModel

LEVELLED = 16
"""Batches by which a part that is done takes its averages anew."""
SHORTEST = 2
"""Frames of a piece of a clip."""
SAVED_EVERY_S = 30.0
"""At most so much work is lost when it is killed, or one row of the curve where that takes longer."""
WORLD, PICTURES = "world", "pictures"
WORDS = {"tokenizer": "tokenizer", "action_model": "latent actions", "dynamics": "dynamics"}


class Tell(Protocol):
    """Who hears how it goes."""

    def __call__(self, step: int, of: int | None = None, words: str = "", **figures: float) -> None: ...


@dataclass
class Record:
    """What is remembered of a training beside its tensors; JSON throughout."""

    curve: list[dict[str, Any]] = field(default_factory=list)
    """A row per `report` steps: `part`, `step` (of that part), means of its figures; `exam_…` where it was examined."""
    exam: dict[str, float] = field(default_factory=dict)
    """The last figures on the validation set."""
    seconds: float = 0.0
    """Spent in all attempts."""


class Training:
    """A training in hand.

    clips: what is learned from. held: what figures and pictures are made on; never learned from.
    """

    def __init__(
        self, settings: GenieSettings, clips: Clips, held: Clips, machine: Machine, now: Callable[[], float]
    ) -> None:
        self.settings, self.clips, self.machine, self.now = settings, clips, machine, now
        torch.manual_seed(rng_for("genie", settings.seed).getrandbits(62))
        self.world = WorldModel(settings.world).to(machine.device).eval()
        self.record = Record()
        self._exam = next(iter(held.batches(0, settings.exam, AHEAD + 1)))

    def conduct(self, checkpoint: Path, tell: Tell) -> None:
        """Train all parts, from the latest checkpoint or from nothing."""
        kept = Keeping(checkpoint, self.settings.id)
        found, began, before = kept.latest(), self.now(), 0.0
        at, turn, saved = 0, 0, self.now()
        if found is not None:
            self.record = Record(**found.notes["record"])
            at, turn, before = found.notes["part"], found.notes["turn"], self.record.seconds
            self.world.load_state_dict(_under("world.", found.tensors))
        while at < len(PARTS):
            course = self._course(PARTS[at])
            course.part.train()
            if found is not None and turn:
                course.take_up(_under("course.", found.tensors))
            found, source = None, None
            while turn < course.schedule.steps:
                if source is None:
                    wanted = (self.settings.batch(PARTS[at]), self.settings.frames)
                    source = self.clips.batches(self._seed(PARTS[at]), *wanted, start=turn)
                turn, row = self._report(course, turn, source)
                over = turn == course.schedule.steps
                if over:
                    course.finish(self._batch(clips) for clips in islice(source, LEVELLED))
                    course.part.eval()
                if over or turn % self.settings.picture == 0:
                    row |= self._look(PARTS[at], turn, checkpoint)
                self.record.curve.append(row)
                tell(self._done(at, turn), self.settings.total, WORDS[PARTS[at]], **_figures(row))
                if not over and self.now() - saved >= SAVED_EVERY_S:
                    saved = self.now()
                    self.record.seconds = before + saved - began
                    self._save(kept, at, turn, course)
            at, turn, saved = at + 1, 0, self.now()
            self.record.seconds = before + saved - began
            self._save(kept, at, 0, None)

    def leave(self, checkpoint: Path, out: Path) -> dict[str, Any]:
        """Write the artifacts: `world/`, `curve.json`, `pictures/`; the figures of the end."""
        self.world.notes |= {"training": self.settings.model_dump(), "validation": self.record.exam}
        self._keep(out / WORLD)
        (out / "curve.json").write_text(json.dumps(self.record.curve), "utf-8")
        shutil.copytree(checkpoint / PICTURES, out / PICTURES, dirs_exist_ok=True)
        return {
            "preset": self.settings.id,
            "device": self.machine.device,
            "seconds": round(self.record.seconds, 1),
            "parameters": float(sum(weight.numel() for weight in self.world.parameters())),
            **self.record.exam,
        }

    def _course(self, part: Part) -> Course:
        settings = self.settings
        schedule = Schedule(
            settings.steps(part),
            settings.batch(part),
            settings.rate(part),
            min(settings.warmup, max(1, settings.steps(part) // 5)),
            average=settings.average,
        )
        teach: dict[Part, Teach] = {
            "tokenizer": lambda clips, _: self.world.tokenizer.lesson(clips),
            "action_model": self.world.action_model.lesson,
            "dynamics": self._dynamics_lesson,
        }
        return Course(part, getattr(self.world, part), teach[part], schedule, self.machine)

    def _dynamics_lesson(self, clips: Tensor, generator: torch.Generator) -> Lesson:
        with torch.no_grad():
            codes, actions = self.world.tokenizer.encode(clips), self.world.action_model.infer(clips)
        return self.world.dynamics.lesson(codes, actions, generator)

    def _report(self, course: Course, turn: int, source: Any) -> tuple[int, dict[str, Any]]:
        """Some steps, and the means of their figures."""
        rows = []
        for clips in islice(source, self.settings.report):
            rows.append(course.step(turn, self._batch(self._cut(course.name, turn, clips)), self.settings.seed))
            turn += 1
        means = {name: float(torch.stack([row[name].float() for row in rows]).mean()) for name in rows[0]}
        if not all(map(_finite, means.values())):
            raise FloatingPointError(f"{course.name} at step {turn}: {means}")
        return turn, {"part": course.name, "step": turn, **{name: round(value, 6) for name, value in means.items()}}

    def _cut(self, part: str, turn: int, clips: Frames) -> Frames:
        """The clips of a step, or shorter ones made of them: see `pieces`."""
        dice = rng_for("pieces", self.settings.seed, part, turn)
        if dice.random() >= self.settings.pieces:
            return clips
        return in_pieces(clips, dice.randint(SHORTEST, self.settings.frames))

    def _batch(self, clips: Frames) -> Tensor:
        return torch.from_numpy(clips).to(self.machine.device, non_blocking=True)

    def _look(self, part: Part, turn: int, checkpoint: Path) -> dict[str, float]:
        """Figures on the validation set, a sheet of frames, and a world to play with."""
        learning: nn.Module = getattr(self.world, part)
        was = learning.training
        learning.eval()
        dice = self.machine.generator("look", self.settings.seed)
        seen = look(self.world, self._exam, dice, foreseen=part == "dynamics")
        found = dict(seen.figures)
        if part == "dynamics":
            self._keep(checkpoint / WORLD)
        learning.train(was)
        self.record.exam |= found
        folder = checkpoint / PICTURES
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{PARTS.index(part) + 1}-{part}-{turn:07d}.png").write_bytes(seen.sheet())
        return {f"exam_{name}": value for name, value in found.items()}

    def _keep(self, folder: Path) -> None:
        """The world, with frames that it has not learned from."""
        self.world.save(folder)
        prompts.write(folder, self._exam[: prompts.COUNT, 0])

    def _save(self, kept: Keeping, at: int, turn: int, course: Course | None) -> None:
        tensors = {f"world.{name}": value for name, value in self.world.state_dict().items()}
        if course is not None:
            tensors |= {f"course.{name}": value for name, value in course.kept().items()}
        kept.save(tensors, {"part": at, "turn": turn, "record": vars(self.record)})

    def _done(self, at: int, turn: int) -> int:
        return sum(map(self.settings.steps, PARTS[:at])) + turn

    def _seed(self, part: Part) -> int:
        """Of the clips of a part."""
        return self.settings.seed * len(PARTS) + PARTS.index(part)


def train(
    settings: GenieSettings,
    clips: Clips,
    held: Clips,
    checkpoint: Path,
    out: Path,
    tell: Tell,
    now: Callable[[], float],
    machine: Machine,
) -> dict[str, Any]:
    """Train, and leave `world/`, `curve.json` and `pictures/` in `out`; the figures.

    Killed at any moment and started again with the same checkpoint folder on the same machine, it goes on with the same
    clips, weights and moments: on a processor the curve is the same to the last digit.
    tell: hears each row of the curve. now: seconds on a clock that does not go back.

    Raises:
        ConfigError: the checkpoint is of other settings.
        FloatingPointError: a loss is no number.
    """
    training = Training(settings, clips, held, machine, now)
    training.conduct(checkpoint, tell)
    return training.leave(checkpoint, out)


def in_pieces(clips: Frames, length: int) -> Frames:
    """(batch × n, length, …) of (batch, time, …): each clip cut into as many as it has, counted from its end."""
    count = clips.shape[1] // length
    return clips[:, clips.shape[1] - count * length :].reshape(-1, length, *clips.shape[2:])


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _figures(row: dict[str, Any]) -> dict[str, float]:
    return {name: value for name, value in row.items() if name not in ("part", "step")}


def _finite(value: float) -> bool:
    return value - value == 0
