"""Experience made by diffusion: does it teach what the data alone is too small to teach?"""

from __future__ import annotations

from wunderkammer.domains.synther.study import SyntherStudy

DOMAINS = (SyntherStudy,)
