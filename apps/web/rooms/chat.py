"""Chat with the guide: threads, a stream of what happens, confirmations."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/api", tags=["chat"])
