"""Environments designed by a learned adversary, and by curation: how should a student's levels be chosen?"""

from __future__ import annotations

from wunderkammer.domains.paired.study import PairedStudy

DOMAINS = (PairedStudy,)
