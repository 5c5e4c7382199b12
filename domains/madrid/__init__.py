"""Adversarial scenarios against multi-agent policies: from which positions would somebody else do better?"""

from __future__ import annotations

from wunderkammer.domains.madrid.search import Madrid

DOMAINS = (Madrid,)
