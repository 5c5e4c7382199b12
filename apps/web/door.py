"""The door: who may come in, under which name, from where, how often, how heavily laden; and what every answer says.

Everything on loopback may come in, under a name that means this machine: a page elsewhere whose name was made to point
here (DNS rebinding) has another. A door with a token lets nobody in without it. What changes anything must come from a
page of our own, or from a program: a page elsewhere can neither leave out `Origin` nor send JSON unasked.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wunderkammer.apps.web.pace import Pace

MOST_BODY = 2 * 2**20
"""Bytes of one request."""
_TOO_LARGE = f"a request holds at most {MOST_BODY} bytes"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ANYWHERE = frozenset({"0.0.0.0", "::"})
OPEN = ("/healthz", "/login", "/static/style.css", "/static/icon.svg")
"""What is shown to those who have no token yet."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PLAYED = "/api/play/"
PLAYED_PER_MINUTE = 3600.0
"""Steps of games that are being played, as fast as a key repeats: they start nothing."""
COSTLY = ("/v1/", "/api/chat", "/api/models/", "/api/play", "/mcp", "/login")
"""Where a request makes a model work, or guesses at the token: these are counted apart."""
HEADERS = {
    "content-security-policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True)
class Door:
    """What the door demands. token: without it nobody comes in; None: everybody on this machine does."""

    host: str = "127.0.0.1"
    port: int = 8700
    token: str | None = field(default=None, repr=False)
    names: frozenset[str] = frozenset()
    """Further names by which the server is called, beside its address: a proxy's, say."""
    changes_per_minute: float = 240.0
    """Requests of one address that change something."""
    costly_per_minute: float = 60.0
    """Of these, those under `COSTLY`."""

    def knows(self, name: str) -> bool:
        """Whether the server goes by this name."""
        if name in LOOPBACK or name == self.host or name in self.names:
            return True
        return self.host in ANYWHERE and _is_address(name)  # rebinding needs a name: a bare address cannot lie

    @property
    def cookie(self) -> str:
        """What the cookie is called: cookies know no ports, and two doors may stand on one machine."""
        return f"wunder-{self.port}"

    @property
    def pass_(self) -> str:
        """What the cookie holds: it follows from the token, and the token does not follow from it."""
        return hmac.new((self.token or "").encode(), b"wunderkammer web", hashlib.sha256).hexdigest()

    def opens(self, token: str) -> bool:
        """Whether this is the token; takes as long for any word."""
        return self.token is not None and hmac.compare_digest(token.encode(), self.token.encode())

    def admits(self, headers: Headers) -> bool:
        """Whether a request carries the token, as bearer or as cookie."""
        if self.token is None:
            return True
        kind, _, word = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.opens(word.strip())
        held = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        return hmac.compare_digest(held.encode(), self.pass_.encode())


class TooLarge(HTTPException):
    """A request's body is longer than it said, or than it may be."""

    def __init__(self) -> None:
        super().__init__(413, _TOO_LARGE)


class Doorkeeper:
    """ASGI middleware that holds the door."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door
        self._changes = Pace(door.changes_per_minute)
        self._costly = Pace(door.costly_per_minute)
        self._played = Pace(PLAYED_PER_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # there are no websockets here
        refused = self._refusal(scope)
        if refused is not None:
            await refused(scope, receive, _signed(send))
            return
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, _measured(receive), _signed(sending))
        except TooLarge:
            if started:
                raise
            await _no(413, _TOO_LARGE)(scope, receive, _signed(send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers, path, method = Headers(scope=scope), str(scope["path"]), str(scope["method"])
        if not self.door.knows(_name(headers.get("host", ""))):
            return _no(421, "the server does not go by this name; web.names in wunder.toml adds one")
        if not (path in OPEN or self.door.admits(headers)):
            if method == "GET" and "text/html" in headers.get("accept", ""):
                return RedirectResponse("/login", status_code=303)
            return _no(401, "a token is needed: as a bearer, or at /login", {"www-authenticate": "Bearer"})
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BODY:
            return _no(413, _TOO_LARGE)
        if method in SAFE:
            return None
        if not _comes_from_us(headers):
            return _no(403, "this came from another site; programs send X-Wunder: 1, a bearer or JSON, and no Origin")
        return self._too_often(scope, path)

    def _too_often(self, scope: Scope, path: str) -> Response | None:
        who = str((scope.get("client") or ("",))[0])
        if path.startswith(PLAYED):
            paces = [self._played]
        else:
            paces = [self._changes] + ([self._costly] if path.startswith(COSTLY) else [])
        wait = max(pace.wait(who, monotonic()) for pace in paces)
        if wait <= 0:
            return None
        return _no(429, "too many requests; wait a little", {"retry-after": str(int(wait) + 1)})


def _comes_from_us(headers: Headers) -> bool:
    """Whether a change was asked for by our own page, or by a program that no page elsewhere can pass for."""
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc == headers.get("host", "") != ""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    plain = headers.get("content-type", "").partition(";")[0].strip().lower()
    bearer = headers.get("authorization", "").lower().startswith("bearer ")
    return bearer or headers.get("x-wunder") == "1" or plain == "application/json"


def _name(host: str) -> str:
    """The name in a Host header: `[::1]:8700` is `::1`."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _no(status: int, line: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": line}, status, headers)


def _signed(send: Send) -> Send:
    """Write on an answer what every answer says, unless its route said something stricter."""

    async def signing(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if headers.get("content-type", "").startswith("application/json"):
                headers.setdefault("cache-control", "no-store")
        await send(message)

    return signing


def _measured(receive: Receive) -> Receive:
    """Count a body that did not say how long it is."""
    left = MOST_BODY

    async def receiving() -> Message:
        nonlocal left
        message = await receive()
        if message["type"] == "http.request":
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLarge
        return message

    return receiving
