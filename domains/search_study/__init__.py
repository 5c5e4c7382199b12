"""Does each part of the search earn its place? Ablations on a landscape whose weak cells are known."""

from __future__ import annotations

from wunderkammer.domains.search_study.domain import SearchStudy

DOMAINS = (SearchStudy,)
