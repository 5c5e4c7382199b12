"""A cell of a run's archive: its elite, votes, lineage; replay and export."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/api", tags=["archive"])
