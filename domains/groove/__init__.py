"""Optimisers that are learned, and the curricula that make them general."""

from __future__ import annotations

from wunderkammer.domains.groove.study import GrooveStudy

DOMAINS = (GrooveStudy,)
