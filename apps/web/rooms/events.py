"""The live stream as server-sent events: of one run, and of how all of them come on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse

from wunderkammer.apps.web.context import Here
from wunderkammer.apps.web.faults import looked_up
from wunderkammer.apps.web.lasting import lasting

router = APIRouter(prefix="/api", tags=["events"])
_IS_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events."}
}
After = Annotated[int | None, Query(ge=0, le=2**62, description="The last event that is known: only later ones.")]
Last = Annotated[str | None, Header(description="As `after`; browsers send it when they come back.")]


@router.get("/events", response_class=EventSourceResponse, responses=_IS_STREAM)
async def follow_all(here: Here) -> EventSourceResponse:
    """How all runs come on: an event `progress` for each run and look."""
    return lasting(here, here.hub.messages(None))


@router.get("/runs/{run}/events", response_class=EventSourceResponse, responses=_IS_STREAM)
async def follow_run(here: Here, run: str, after: After = None, last_event_id: Last = None) -> EventSourceResponse:
    """What a run tells: `told`, an event each; `gap` where some were dropped for who listens too slowly."""
    with looked_up():
        one = here.office.find(run)
    came_back = int(last_event_id) if last_event_id and last_event_id.isdecimal() and len(last_event_id) < 19 else None
    return lasting(here, here.hub.messages(one.id, came_back if came_back is not None else after))
