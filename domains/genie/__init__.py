"""Worlds learned from unlabelled video: which aids make them controllable, and which frames make worlds of them."""

from __future__ import annotations

from wunderkammer.domains.genie.study import GenieStudy
from wunderkammer.domains.genie.worlds import GenieWorlds

DOMAINS = (GenieStudy, GenieWorlds)
