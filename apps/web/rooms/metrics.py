"""Figures for Prometheus, and whether the server is well."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from wunderkammer.apps.web.context import Here
from wunderkammer.apps.web.metrics import CONTENT_TYPE, exposition
from wunderkammer.core.contract import Frozen
from wunderkammer.jobs.choice import dispatcher

router = APIRouter(tags=["metrics"])


class Health(Frozen):
    """How the server is."""

    status: Literal["ok"] = "ok"


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(here: Here) -> Response:
    """Runs, calls, tokens, cost, jobs, listeners, in the text format of Prometheus."""
    known = await dispatcher(here.settings).all() if (here.settings.home / "jobs").is_dir() else ()
    body = await asyncio.to_thread(exposition, here.office, here.hub, [one.status for one in known])
    return Response(body, headers={"content-type": CONTENT_TYPE})


@router.get("/healthz")
async def health() -> Health:
    """Says that requests are answered."""
    return Health()
