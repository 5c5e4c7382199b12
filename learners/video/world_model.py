"""A world learned from video: a frame to begin with, then a frame for each action; on disk, one folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import checked
from wunderkammer.learners.video.actions import ActionModel
from wunderkammer.learners.video.dynamics import Dynamics
from wunderkammer.learners.video.patches import join, to_bytes
from wunderkammer.learners.video.sampling import next_frame
from wunderkammer.learners.video.settings import FORMAT, WorldSettings
from wunderkammer.learners.video.tokenizer import Tokenizer
from wunderkammer.learners.video.transformer import Past, Pasts

SETTINGS, WEIGHTS = "settings.json", "world.safetensors"


class Memory(NamedTuple):
    """What the transformers keep of a window's frames, so that one frame more costs one frame, not all of them."""

    dynamics: Pasts
    decoder: Pasts

    def replaced(self, rows: Tensor, others: Memory) -> Memory:
        """These ways, some exchanged for others. rows: int64 (n,), which; others: of n ways, as long as these."""
        return Memory(*(tuple(map(partial(_replaced, rows), *parts)) for parts in zip(self, others, strict=True)))


def _replaced(rows: Tensor, past: Past, other: Past) -> Past:
    return Past(past.keys.index_copy(0, rows, other.keys), past.values.index_copy(0, rows, other.values))


class Window(NamedTuple):
    """As much of a way, or of many at once, as is looked back on."""

    codes: Tensor
    """int64 (batch, t, tokens)."""
    actions: Tensor
    """Between the frames, int64 (batch, t - 1)."""
    frames: tuple[Tensor, ...]
    """t frames as they are shown, each uint8 (batch, side, side, 3)."""
    memory: Memory | None = None
    """Of all t frames; None: to be worked out when it goes on."""


class WorldModel(nn.Module):
    """Tokenizer, latent action model and dynamics.

    Attributes:
        notes: what was noted beside the weights: on what it was trained, and how well it does.
    """

    def __init__(self, settings: WorldSettings, notes: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.notes = dict(notes or {})
        self.tokenizer = Tokenizer(settings)
        self.action_model = ActionModel(settings)
        self.dynamics = Dynamics(settings)

    @property
    def actions(self) -> int:
        """How many latent actions there are."""
        return self.settings.actions

    @property
    def device(self) -> torch.device:
        return self.dynamics.token.weight.device

    @classmethod
    def load(cls, folder: Path, device: str = "cpu") -> WorldModel:
        """The world in a folder.

        Raises:
            ConfigError: there is none, it is of another format, or damaged.
        """
        kept = _settings(folder)
        world = cls(checked(WorldSettings, kept["settings"], f"{folder / SETTINGS}"), kept.get("notes"))
        try:
            world.load_state_dict(load_file(folder / WEIGHTS))
        except (OSError, SafetensorError, RuntimeError) as fault:
            raise ConfigError(f"{folder / WEIGHTS} does not hold this world: {str(fault).splitlines()[0]}") from None
        return world.to(device).eval()

    def save(self, folder: Path, half: bool = False) -> None:
        """Write the folder; what is there of an older world gives way. half: of two bytes a number instead of four."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = {name: value.contiguous() for name, value in self.state_dict().items()}
        if half:
            kept = {name: value.half() if value.is_floating_point() else value for name, value in kept.items()}
        save_file(kept, folder / WEIGHTS)
        told = {"format": FORMAT, "settings": self.settings.model_dump(), "notes": self.notes}
        (folder / SETTINGS).write_text(json.dumps(told, indent=1), "utf-8")

    def start(self, frame: Any, seed: int = 0) -> Session:
        """Play from a frame, (side, side, 3), uint8 array or tensor.

        Raises:
            ConfigError: it is of another size.
        """
        return Session(self, self._fitting(torch.as_tensor(np.asarray(frame))), seed)

    @torch.inference_mode()
    def infer(self, frames: Tensor) -> Tensor:
        """The latent actions between the frames of clips, as `ActionModel.infer`; longer clips window by window."""
        frames, long = frames.to(self.device), self.settings.frames
        if frames.shape[1] <= long:
            return self.action_model.infer(frames)
        half = long // 2
        found = [self.action_model.infer(frames[:, :long])]
        at = long  # every further window is half known, so that each code has at least half a window of history
        while at < frames.shape[1]:
            end = min(at + half, frames.shape[1])
            found.append(self.action_model.infer(frames[:, end - long : end])[:, at - end :])
            at = end
        return torch.cat(found, 1)

    @torch.inference_mode()
    def repainted(self, frames: Tensor) -> Tensor:
        """Clips as the tokenizer paints them, uint8 as they are, (batch, t, side, side, 3); t is at most a window."""
        return to_bytes(self.tokenizer.decode(self.tokenizer.encode(frames.to(self.device))))

    @torch.inference_mode()
    def rollout(
        self,
        frames: Tensor,
        actions: Tensor,
        generator: torch.Generator,
        *,
        steps: int | None = None,
        temperature: float | None = None,
    ) -> Tensor:
        """Play many at once. The frames that follow, uint8 (batch, n, side, side, 3).

        frames: what is known, uint8 (batch, t, …).
        actions: (batch, t - 1 + n): those between known frames, then n more.
        steps, temperature: instead of the settings' own.
        """
        known, actions = frames.shape[1], actions.to(self.device)
        window = self.begin(frames, actions[:, : known - 1])
        shown = []
        for action in actions[:, known - 1 :].unbind(1):
            window = self.advance(window, action, generator, steps=steps, temperature=temperature)
            shown.append(window.frames[-1])
        return torch.stack(shown, 1)

    @torch.inference_mode()
    def begin(self, frames: Tensor, actions: Tensor) -> Window:
        """What is known when a way begins: frames, uint8 (batch, t, side, side, 3), of which the last `frames` count,
        and the actions between them, (batch, t - 1)."""
        frames = frames[:, -self.settings.frames :].to(self.device)
        codes = self.tokenizer.encode(frames)
        shown = frames if self.settings.steady else to_bytes(self.tokenizer.decode(codes))
        return Window(codes, actions[:, actions.shape[1] + 1 - codes.shape[1] :].to(self.device), shown.unbind(1))

    @torch.inference_mode()
    def advance(
        self,
        window: Window,
        action: Tensor,
        generator: torch.Generator,
        *,
        steps: int | None = None,
        temperature: float | None = None,
    ) -> Window:
        """Do something, int64 (batch,), and see one frame more.

        A window that is full is begun anew with its later half, as if those frames were the first of a clip: frames in
        the middle of one have other tokens than the same frames at its beginning.
        """
        if window.codes.shape[1] == self.settings.frames:
            kept = max(1, self.settings.frames // 2)
            window = self.begin(torch.stack(window.frames[-kept:], 1), window.actions[:, 1 - kept :][:, : kept - 1])
        steps = self.settings.maskgit_steps if steps is None else steps
        heat = self.settings.temperature if temperature is None else temperature
        before, past = window.codes[:, -1], self.remembered(window)
        fresh = next_frame(self.dynamics, before, action, past.dynamics, steps, heat, generator)
        painted, decoder = self.tokenizer.paint(fresh, past.decoder)
        shown = to_bytes(painted)
        if self.settings.steady:
            shown = torch.where(self._pixels(fresh == before), window.frames[-1], shown)
        return Window(
            torch.cat([window.codes, fresh[:, None]], 1),
            torch.cat([window.actions, action[:, None]], 1),
            (*window.frames, shown),
            Memory(self.dynamics.onward(fresh, action, before, past.dynamics), decoder),
        )

    @torch.inference_mode()
    def remembered(self, window: Window) -> Memory:
        """What is kept of a window's frames."""
        if window.memory is not None:
            return window.memory
        since = self.dynamics.since(window.actions)
        return Memory(self.dynamics.prime(window.codes, since), self.tokenizer.prime(window.codes))

    def _pixels(self, places: Tensor) -> Tensor:
        """What is said of places, (batch, tokens), of their pixels, (batch, side, side, 1)."""
        patch = self.settings.patch
        return join(places[:, None, :, None].expand(-1, -1, -1, patch**2), patch)[:, 0]

    def _fitting(self, frame: Tensor) -> Tensor:
        side = self.settings.side
        if tuple(frame.shape) != (side, side, 3) or frame.dtype != torch.uint8:
            found = " × ".join(map(str, frame.shape))
            raise ConfigError(f"a frame of {found} {frame.dtype}: this world is of {side} × {side} × 3 bytes")
        return frame


class Session:
    """One way through a world.

    Attributes:
        frames: all that were seen, uint8 arrays (side, side, 3), the prompt first.
        actions: what was done between them.
    """

    def __init__(self, world: WorldModel, frame: Tensor, seed: int) -> None:
        self.world, self.seed = world, seed
        self.actions: list[int] = []
        self._windows = [world.begin(frame[None, None], torch.zeros(1, 0, dtype=torch.int64))]
        self.frames = [self._last()]

    @property
    def frame(self) -> np.ndarray:
        """Where we are."""
        return self.frames[-1]

    def step(self, action: int) -> np.ndarray:
        """Do one of the actions; the frame that follows. What is drawn depends on the seed and the way alone.

        Raises:
            ConfigError: there is no such action.
        """
        if not 0 <= action < self.world.actions:
            raise ConfigError(f"action {action}: one of 0 to {self.world.actions - 1}")
        device = self.world.device
        generator = torch.Generator(device).manual_seed(self.seed * 1_000_003 + len(self.actions))
        done = torch.tensor([action], device=device)
        window = self.world.advance(self._windows[-1], done, generator)
        self._windows[-1] = self._windows[-1]._replace(memory=None)  # megabytes, which only taking back would want
        self._windows.append(window)
        self.actions.append(action)
        self.frames.append(self._last())
        return self.frame

    def undo(self) -> np.ndarray:
        """Take the last action back; the frame before. At the beginning it changes nothing."""
        if self.actions:
            self.actions.pop()
            self._windows.pop()
            self.frames.pop()
        return self.frame

    def walk(self, actions: Sequence[int]) -> np.ndarray:
        """Several actions; the last frame."""
        for action in actions:
            self.step(action)
        return self.frame

    def _last(self) -> np.ndarray:
        return self._windows[-1].frames[-1][0].cpu().numpy()


def _settings(folder: Path) -> dict[str, Any]:
    file = folder / SETTINGS
    try:
        kept = json.loads(file.read_text("utf-8"))
    except OSError:
        raise ConfigError(f"{folder} holds no world: there is no {SETTINGS}; `wunder genie train` makes one") from None
    except ValueError:
        raise ConfigError(f"{file} is not valid JSON") from None
    found = kept.get("format") if isinstance(kept, dict) else None
    if found != FORMAT:
        raise ConfigError(f"{folder} is of format {found}, and this version reads format {FORMAT}; train it anew")
    return kept
