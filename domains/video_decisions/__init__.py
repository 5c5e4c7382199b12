"""Video models as planners, agents, simulators and computers: one interface of sentences and frames."""

from __future__ import annotations

from wunderkammer.domains.video_decisions.study import VideoStudy

DOMAINS = (VideoStudy,)
