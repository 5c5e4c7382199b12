"""How good a learned world is: on clips of levels that it never saw, always the same ones.

Controllability is the paper's Δ_t PSNR (Bruce et al. 2024, equation in section 3.1): how much nearer to what truly
happened a rollout comes when it is given the inferred latent actions than when it is given random ones. Alone it is a
weak gate, since a world may obey and still show less than standing still would; so the rollout is also compared with
repeating the last known frame.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.frozen import Frozen
from wunderkammer.domains.genie import intervals, likeness, meaning, storyboard
from wunderkammer.domains.genie.intervals import Estimate
from wunderkammer.learners.video.world_model import WorldModel
from wunderkammer.worlds.film.film import Film, Labelled
from wunderkammer.worlds.film.shards import Split

ENOUGH = 0.5
"""Decibels that Δ_t PSNR must exceed with its lower bound."""
FILE = "evaluation.json"


class EvaluationOptions(Frozen):
    """What is asked of a world."""

    clips: int = Field(256, ge=8)
    """From as many unseen levels as there are."""
    known: int = Field(1, ge=1)
    """True frames that a rollout begins with."""
    horizon: int = Field(8, ge=1)
    """Frames of a rollout."""
    at: int = Field(4, ge=1)
    """The t of Δ_t PSNR: frames after the last known one."""
    split: Split = "test"
    seed: int = 0
    batch: int = Field(32, ge=1)


class Moment(Frozen):
    """Rollouts so many frames after the last known one, in decibels."""

    t: int
    inferred: Estimate
    """With the inferred latent actions."""
    random: Estimate
    copied: Estimate
    """The last known frame, repeated."""
    delta: Estimate
    """inferred - random, clip by clip: controllability."""
    ahead: Estimate
    """inferred - copied, clip by clip."""


class Distances(Frozen):
    """Fréchet distances from the true clips; see `likeness` for what they are not."""

    inferred: Estimate
    random: Estimate
    copied: Estimate
    floor: Estimate
    """Of true clips from other true clips, half against half: biased upwards, as every distance of few clips is."""


class Codes(Frozen):
    """What latent actions have to do with true ones; no learner of ours has seen these."""

    information: Estimate
    """Bits about the true action, bias corrected."""
    shuffled: float
    """The same with the codes of another clip: what is left of the bias."""
    accuracy: Estimate
    """How often the code tells the action, on levels that the table from code to action was not made of."""
    majority: Estimate
    """How often the most frequent action would."""
    better: Estimate
    """accuracy - majority, clip by clip."""


class Evaluation(Frozen):
    """All figures of a world."""

    source: str
    recipe: str
    """Of the film."""
    options: EvaluationOptions
    clips: int
    levels: int
    tokenizer: Estimate
    """Decibels of frames that were only encoded and decoded."""
    moments: tuple[Moment, ...]
    distances: Distances
    in_use: float
    """Perplexity of the inferred latent actions: of 8."""
    codes: Codes | None
    """None where true actions are unknown."""

    @property
    def moment(self) -> Moment:
        """The one that counts."""
        return self.moments[self.options.at - 1]

    @property
    def playable(self) -> bool:
        """The gate: controllable by more than `ENOUGH`, and nearer to the truth than standing still, both by the
        lower end of the interval."""
        return self.moment.delta.low > ENOUGH and self.moment.ahead.low > 0

    def measures(self) -> dict[str, float]:
        """The figures that a study compares."""
        now = self.moment
        found = {
            "psnr": self.tokenizer.value,
            "delta_psnr": now.delta.value,
            "delta_psnr_low": now.delta.low,
            "rollout_psnr": now.inferred.value,
            "ahead_of_copy": now.ahead.value,
            "distance": self.distances.inferred.value,
            "codes_in_use": self.in_use,
            "playable": float(self.playable),
        }
        return found | ({"code_bits": self.codes.information.value} if self.codes else {})


class _Shown(NamedTuple):
    """What the world made of the clips."""

    codes: NDArray[np.int64]
    rebuilt: NDArray[np.uint8]
    inferred: NDArray[np.uint8]
    random: NDArray[np.uint8]


def evaluate(
    world: WorldModel,
    film: Film,
    options: EvaluationOptions = EvaluationOptions(),
    keep: Path | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Play the clips of unseen levels again, and compare.

    keep: a folder for `evaluation.json`, a picture and a moving picture of some clips. tell: hears how many clips are
    done, of how many.

    Raises:
        ConfigError: the film has frames of another size, or too few clips.
    """
    film.require(world.settings.side)
    if options.at > options.horizon:
        raise ConfigError(f"t = {options.at} lies beyond a rollout of {options.horizon} frames")
    clips = film.held_out(options.clips, options.known + options.horizon, split=options.split, seed=options.seed)
    shown = _show(world, clips, options, tell)
    found = compare(clips, shown, film, options)
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / FILE).write_text(found.model_dump_json(indent=1), "utf-8")
        rows = {"true": clips.frames, "inferred": shown.inferred, "random": shown.random}
        storyboard.write(rows, options.known, keep)
    return found


def compare(clips: Labelled, shown: _Shown, film: Film, options: EvaluationOptions) -> Evaluation:
    """The figures."""
    known = options.known
    copied = np.broadcast_to(clips.frames[:, known - 1 : known], clips.frames[:, known:].shape)
    of = {"inferred": shown.inferred, "random": shown.random, "copied": copied}
    level = {name: likeness.decibels(found, clips.frames[:, known:]) for name, found in of.items()}
    return Evaluation(
        source=film.manifest.source,
        recipe=film.manifest.recipe,
        options=options,
        clips=len(clips.levels),
        levels=len(set(clips.levels)),
        tokenizer=intervals.mean(likeness.decibels(shown.rebuilt, clips.frames).mean(1), clips.levels),
        moments=tuple(_moment(t, level, clips.levels) for t in range(1, options.horizon + 1)),
        distances=_distances(clips, of, known),
        in_use=meaning.perplexity(shown.codes),
        codes=_codes(shown.codes, clips) if film.manifest.actions is not None else None,
    )


def _show(
    world: WorldModel, clips: Labelled, options: EvaluationOptions, tell: Callable[[int, int], None] | None
) -> _Shown:
    """Both rollouts draw the same random numbers: they differ by what they were told alone."""
    dice = np.random.default_rng([options.seed, 1])
    parts: list[_Shown] = []
    for start in range(0, options.clips, options.batch):
        frames = torch.from_numpy(clips.frames[start : start + options.batch]).to(world.device)
        with torch.inference_mode():
            codes = world.infer(frames)
            rebuilt = world.repainted(frames)
            other = codes.clone()
            drawn = dice.integers(world.actions, size=(len(frames), options.horizon))
            other[:, options.known - 1 :] = torch.from_numpy(drawn).to(codes)
            rollouts = [
                world.rollout(frames[:, : options.known], told, _generator(world, options.seed + start))
                for told in (codes, other)
            ]
        parts.append(_Shown(*(one.cpu().numpy() for one in (codes, rebuilt, *rollouts))))
        if tell is not None:
            tell(min(start + options.batch, options.clips), options.clips)
    return _Shown(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _generator(world: WorldModel, seed: int) -> torch.Generator:
    return torch.Generator(world.device).manual_seed(seed)


def _moment(t: int, level: dict[str, NDArray[np.float64]], levels: NDArray[np.str_]) -> Moment:
    now = {name: found[:, t - 1] for name, found in level.items()}
    now |= {"delta": now["inferred"] - now["random"], "ahead": now["inferred"] - now["copied"]}
    return Moment(t=t, **{name: intervals.mean(found, levels) for name, found in now.items()})


def _distances(clips: Labelled, of: dict[str, NDArray[np.uint8]], known: int) -> Distances:
    true = likeness.features(clips.frames[:, known:])
    scale = true.std(0)
    names, level = np.unique(clips.levels, return_inverse=True)
    half = np.random.default_rng(0).permutation(len(names))[level] % 2

    def halves(which: NDArray[np.integer]) -> float:
        one, other = (true[which[half[which] == side]] for side in (0, 1))
        return likeness.frechet(one, other, scale)

    def apart(crowd: NDArray[np.float64]) -> Estimate:
        return intervals.of_all(lambda which: likeness.frechet(crowd[which], true[which], scale), clips.levels)

    found = {name: apart(likeness.features(frames)) for name, frames in of.items()}
    return Distances(**found, floor=intervals.of_all(halves, clips.levels))


def _codes(codes: NDArray[np.int64], clips: Labelled) -> Codes:
    told, most = meaning.told(codes, clips.actions, clips.levels)
    shuffled = codes[np.random.default_rng(0).permutation(len(codes))]
    return Codes(
        information=intervals.of_all(
            lambda which: meaning.information(codes[which], clips.actions[which]), clips.levels
        ),
        shuffled=meaning.information(shuffled, clips.actions),
        accuracy=intervals.mean(told, clips.levels),
        majority=intervals.mean(most, clips.levels),
        better=intervals.mean(told - most, clips.levels),
    )
