"""Discoveries: findings in time, and the map of the memory."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/api", tags=["discoveries"])
