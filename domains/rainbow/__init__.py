"""Rainbow Teaming: find out where a model of yours breaks, as quality-diversity search (Samvelyan et al. 2024)."""

from __future__ import annotations

from wunderkammer.domains.rainbow.cybersecurity import RainbowCybersecurity
from wunderkammer.domains.rainbow.questions import RainbowQuestions
from wunderkammer.domains.rainbow.safety import RainbowSafety

DOMAINS = (RainbowSafety, RainbowQuestions, RainbowCybersecurity)

__all__ = ["DOMAINS", "RainbowCybersecurity", "RainbowQuestions", "RainbowSafety"]
