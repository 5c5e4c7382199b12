"""The web application over a home with one finished run: asked in this process, served to a browser, and looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
import tomli_w
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright
from starlette.testclient import TestClient

from stage.site import Site, served
from wunderkammer.apps.web.application import application
from wunderkammer.apps.web.door import Door
from wunderkammer.core.settings import Settings, load

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE_MS = 60_000
"""How long a page may take over anything: on a machine that does other things besides, a first import takes seconds."""
expect.set_options(timeout=PATIENCE_MS)
ROLES = ("mutator", "target", "judge", "classifier")


@pytest.fixture
def config(home: Path, planted: str) -> Path:
    """A `wunder.toml` in which the planted server plays a search, and the rehearsal everything else."""
    roles = {role: {"server": "stage", "model": f"planted-{role}"} for role in ROLES}
    roles["default"] = {"server": "stage", "model": "rehearsal"}
    values = {"home": str(home), "embedder": "hashed", "servers": {"stage": {"url": planted}}, "roles": roles}
    file = home.parent / "wunder.toml"
    file.write_text(tomli_w.dumps(values), "utf-8")
    return file


@pytest.fixture
def settings(config: Path, monkeypatch) -> Settings:
    """The settings of that installation."""
    monkeypatch.delenv("WUNDER_CONFIG", raising=False)
    return load(config)


@pytest.fixture
def app(settings: Settings, config: Path) -> FastAPI:
    """The application, not started yet."""
    return application(settings, Door(), config)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """Asks the application without a socket, as a page of its own would."""
    headers = {"x-wunder": "1"}
    with TestClient(app, base_url="http://127.0.0.1:8700", headers=headers, raise_server_exceptions=False) as asks:
        yield asks


# ---- served ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def site(settings: Settings, config: Path) -> Iterator[Site]:
    """The application, served on a port of its own."""
    with served(lambda port: application(settings, Door(port=port), config)) as found:
        yield found


@pytest.fixture
def asks(site: Site) -> Iterator[httpx2.Client]:
    """Asks the served application beside the browser."""
    with httpx2.Client(base_url=site.url, headers={"x-wunder": "1"}, timeout=PATIENCE_MS / 1000) as found:
        yield found


# ---- looked at -------------------------------------------------------------------------------------------------------


@dataclass
class Watched:
    """What a page did beside showing something."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """Errors on its console, and exceptions that nobody caught."""


@pytest.fixture
def browser(site: Site) -> Iterator[Browser]:
    """Debian's Chromium. Started for each test and after all else: as long as it is open, no `asyncio.run` can be."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed: apt install chromium")
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield found
        found.close()


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def page(browser: Browser, site: Site, watched: Watched) -> Iterator[Page]:
    """A page whose addresses begin at the site. It must not complain, and must not ask any other host."""
    context = browser.new_context(base_url=site.url, viewport={"width": 1200, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    found = context.new_page()

    def asked(request: Request) -> None:
        watched.requests.append(request.url)

    found.on("request", asked)
    found.on("pageerror", lambda fault: watched.complaints.append(str(fault)))
    found.on("console", lambda said: watched.complaints.append(said.text) if said.type == "error" else None)
    yield found
    shown = found.inner_text("body") if watched.complaints else ""  # in words, what a console has a number for
    context.close()
    strangers = [url for url in watched.requests if not url.startswith((site.url, "data:", "blob:"))]
    assert strangers == []
    assert watched.complaints == [], shown
