"""Rewards from vision-language models: does a larger one give a better reward, and that a better agent?"""

from __future__ import annotations

from wunderkammer.domains.vlm_rewards.study import VlmRewardsStudy

DOMAINS = (VlmRewardsStudy,)
