"""Runs: the list, one run in full, its cells and curves."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/api", tags=["runs"])
