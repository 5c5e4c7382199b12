"""A CLIP that learns from captioned rooms, in which no held-out combination ever is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wunderkammer.domains.vlm_rewards.captions import TEMPLATES, Captions, captioned, rooms
from wunderkammer.domains.vlm_rewards.settings import VlmSettings
from wunderkammer.learners.video.course import Machine, Schedule
from wunderkammer.learners.video.keeping import Keeping
from wunderkammer.learners.vlm.clip import Clip, make
from wunderkammer.learners.vlm.contrast import Captioned, Tell, train
from wunderkammer.learners.vlm.vocabulary import Vocabulary

MODEL = "clip"
"""The folder that it is left in."""
WARMUP = 50


def look(
    settings: VlmSettings, checkpoint: Path, out: Path, tell: Tell, now: Callable[[], float], machine: Machine
) -> dict[str, Any]:
    """Learn, and leave a folder `clip` in `out` that transformers reads too; the loss, and how large it is."""
    levels = rooms(settings.side, settings.toys, settings.horizon, held=False)
    found = captioned(levels, settings.seed, settings.captions)
    if settings.reward == "shuffled":
        found = dealt(found, settings.seed)
    vocabulary = Vocabulary.of([TEMPLATES["picture"].format(one) for one in found.sentences])
    model = make(settings.size, found.frames.shape[1], settings.patch, vocabulary, settings.seed)
    schedule = Schedule(settings.steps, settings.batch, settings.rate, WARMUP)
    told = train(
        model, tensors(found, vocabulary), schedule, settings.seed, Keeping(checkpoint, settings.id), tell, now, machine
    )
    clip = Clip(model, vocabulary, settings.size)
    clip.write(out / MODEL)
    return {"parameters": clip.parameters, **told}


def dealt(found: Captions, seed: int) -> Captions:
    """The same frames and the same captions, each at another frame's."""
    order = np.random.default_rng([seed, 3]).permutation(len(found.sentences))
    return Captions(found.frames, [found.sentences[at] for at in order], [found.prompts[at] for at in order])


def tensors(found: Captions, vocabulary: Vocabulary) -> Captioned:
    """Captions as the training takes them."""
    prompts, sentences = _numbers(found.prompts), _numbers(found.sentences)
    of = {prompt: sentences[said] for prompt, said in zip(found.prompts, found.sentences, strict=True)}
    return Captioned(
        torch.from_numpy(found.frames),
        torch.tensor([prompts[one] for one in found.prompts]),
        torch.from_numpy(vocabulary.tokens(list(prompts))),
        torch.tensor([of[one] for one in prompts]),
    )


def _numbers(texts: list[str]) -> dict[str, int]:
    return {text: number for number, text in enumerate(dict.fromkeys(texts))}
