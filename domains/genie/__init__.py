"""Worlds learned from unlabelled video: which sizes and aids make them controllable?"""

from __future__ import annotations

from wunderkammer.domains.genie.study import GenieStudy

DOMAINS = (GenieStudy,)
