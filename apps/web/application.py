"""The application: every room, the pages' files, the door in front of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import anyio
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse

from wunderkammer import __version__
from wunderkammer.agents.guide.tool import Bounds
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.chat.tools import toolbox
from wunderkammer.apps.installation import ledger_address
from wunderkammer.apps.web import faults, mcp
from wunderkammer.apps.web.context import Web
from wunderkammer.apps.web.door import Door, Doorkeeper
from wunderkammer.apps.web.rooms import (
    archive,
    chat,
    completions,
    discoveries,
    events,
    jobs,
    login,
    metrics,
    models,
    operations,
    play,
    reports,
    runs,
    worlds,
)
from wunderkammer.apps.web.stream import Hub
from wunderkammer.core.settings import Settings
from wunderkammer.memory.ledger import joined

ROOMS = (
    login,
    runs,
    archive,
    events,
    operations,
    reports,
    discoveries,
    worlds,
    play,
    jobs,
    models,
    chat,
    completions,
    metrics,
)
PAGES = ("", "runs", "discoveries", "chat", "worlds", "play", "jobs", "models")
"""First words of the addresses that show a page; `main.js` knows the same."""
STATIC = Path(__file__).parent / "static"


def application(settings: Settings, door: Door, config: Path | None = None, bounds: Bounds = Bounds()) -> FastAPI:
    """The web application of one installation; it opens the ledger when it starts. config: as in `Office`; bounds:
    what is started without a question, in the chat and elsewhere."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            settings.home.mkdir(parents=True, exist_ok=True)
            ledger = await stack.enter_async_context(joined(ledger_address(settings)))
            office = Office(settings, ledger, config)
            app.state.web = Web(settings, ledger, office, toolbox(office), Hub(ledger), door, bounds, anyio.Event())
            yield

    app = FastAPI(
        title="Wunderkammer",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # its pages load their code from another host
        redoc_url=None,
        lifespan=life,
    )
    faults.add_to(app)
    for room in ROOMS:
        app.include_router(room.router)
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC), minimum_size=1000), name="static")
    _add_pages(app)
    mcp.mount(app)
    app.add_middleware(Doorkeeper, door=door)
    return app


def _add_pages(app: FastAPI) -> None:
    """One document for all pages: which is shown, its script reads from the address."""

    async def page() -> FileResponse:
        return FileResponse(STATIC / "index.html", headers={"cache-control": "no-cache"})

    for name in PAGES:
        app.add_api_route(f"/{name}", page, include_in_schema=False)
        if name:
            app.add_api_route(f"/{name}/{{rest:path}}", page, include_in_schema=False)
