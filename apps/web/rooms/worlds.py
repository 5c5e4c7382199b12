"""Worlds: environments that search found, as pictures and rollouts."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/api", tags=["worlds"])
