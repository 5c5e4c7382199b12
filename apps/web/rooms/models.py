"""Models: which server plays which role, and a call to try it."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/api", tags=["models"])
