"""What a request works with: the installation, its operations, the live stream, the door."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import anyio
from fastapi import Depends
from starlette.requests import HTTPConnection

from wunderkammer.agents.guide.tool import Bounds, Toolbox
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.web.door import Door
from wunderkammer.apps.web.stream import Hub
from wunderkammer.core.settings import Settings
from wunderkammer.memory.ledger import Ledger


@dataclass(frozen=True)
class Web:
    """One web application at work. There is one for each `application`, made when it starts."""

    settings: Settings
    ledger: Ledger
    office: Office
    toolbox: Toolbox
    hub: Hub
    door: Door
    bounds: Bounds
    """What is started without a question."""
    closing: anyio.Event
    """Set when the server ends."""


def web(request: HTTPConnection) -> Web:
    """The application that a request came to."""
    found: Web = request.app.state.web
    return found


Here = Annotated[Web, Depends(web)]
"""For the signature of a route: `async def list_jobs(here: Here) -> …`."""
