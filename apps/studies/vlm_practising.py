"""A job: an agent that learns from what a model says of pictures; `domains/vlm_rewards/practising.py` does the work."""

from __future__ import annotations

import time
from typing import Any

from wunderkammer.apps.studies.vlm import begun
from wunderkammer.jobs.desk import Desk


def main(desk: Desk) -> dict[str, Any]:
    """Learn to act. args: fields of `VlmSettings`."""
    with begun(desk) as trial:
        from wunderkammer.domains.vlm_rewards.measuring import contrast
        from wunderkammer.domains.vlm_rewards.practising import practise
        from wunderkammer.learners.vlm.memory import Remembering
        from wunderkammer.learners.vlm.reward import RewardModel

        settings, reward = trial.settings, None
        if settings.looks:
            looks = Remembering(trial.clip())
            asked = contrast(looks, settings.template, settings.negatives, settings.tau)
            reward = RewardModel(asked, float(trial.measured()["beta"]))
        return practise(settings, reward, trial.checkpoint, desk.out, desk.tell, time.monotonic)
