"""Rainbow Teaming over questions whose answer code knows: skill × manner of asking, with no judge to trust."""

from __future__ import annotations

from wunderkammer.domains.skills.domain import RainbowSkills

DOMAINS = (RainbowSkills,)
