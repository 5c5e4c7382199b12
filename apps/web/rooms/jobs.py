"""Jobs: the queue, leases, logs, losses, cancelling."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(prefix="/api", tags=["jobs"])
