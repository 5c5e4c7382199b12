"""Plans, coarse to fine: the frame in which a sentence is true, those on the way to it, and the actions between them.

Source: Du et al. 2023, "UniPi".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from wunderkammer.domains.video_decisions import rooms
from wunderkammer.domains.video_decisions.rooms import Codes
from wunderkammer.learners.video.inverse import Inverse
from wunderkammer.learners.video.narrated import Narrated


class Plan(NamedTuple):
    """What is to happen."""

    frames: Codes
    """(steps + 1, rooms, cells); the first is what was seen."""
    actions: NDArray[np.int64]
    """(steps, rooms)."""
    aim: Codes
    """(rooms, cells): the frame that it is to come to."""


class Planner:
    """A video model and an inverse dynamics model, as one that can be asked what to do.

    rounds: of sampling a frame.
    """

    def __init__(self, model: Narrated, inverse: Inverse, rounds: int, seed: int) -> None:
        self.model, self.inverse, self.rounds = model, inverse, rounds
        self._dice = torch.Generator(model.device).manual_seed(seed)

    def plan(self, frame: Codes, said: Codes, steps: int, shown: Codes | None = None) -> Plan:
        """So many frames on from what is seen, and the actions between them. frame: (rooms, cells). said: (rooms,
        length). shown: a demonstration, (rooms, frames, cells)."""
        device = self.model.device
        told, codes = torch.from_numpy(said).to(device), torch.from_numpy(frame)[:, None].to(device)
        before = None if shown is None else torch.from_numpy(shown).to(device)
        aim = self.model.follow(told, codes, self._dice, self.rounds, shown=before, singly=True)
        going = self.model.told([rooms.SHOWN]).expand(len(frame), -1)
        actions = []
        for _ in range(steps):
            after = self.model.follow(going, codes, self._dice, self.rounds, shown=aim[:, None], singly=True)
            actions.append(self.inverse.read(codes[:, -1], after))
            codes = torch.cat([codes, after[:, None]], 1)
        frames = codes.cpu().numpy().swapaxes(0, 1)
        return Plan(frames, torch.stack(actions).cpu().numpy(), aim.cpu().numpy())


class Follows:
    """Acts by plans, each followed for `again` actions; `made` are those of the first frame."""

    def __init__(self, planner: Planner, said: Codes, again: int, shown: Codes | None = None) -> None:
        self.planner, self.said, self.again, self.shown = planner, said, again, shown
        self.plans: list[Plan] = []

    def __call__(self, seen: Codes, turn: int) -> NDArray[np.int64]:
        if turn % self.again == 0:
            self.plans.append(self.planner.plan(seen, self.said, self.again, self.shown))
        return self.plans[-1].actions[turn % self.again]
