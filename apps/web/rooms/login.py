"""Coming in: a form for the token, and the cookie that it is changed into. No script, no model's word."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from wunderkammer.apps.web.context import Here

router = APIRouter(include_in_schema=False)
_PAGE = Markup("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Wunderkammer</title><link rel="icon" href="/static/icon.svg"><link rel="stylesheet" href="/static/style.css">
</head><body class="login"><main><h1>Wunderkammer</h1><form method="post" action="/login">
<label for="token">Token, as <code>wunder web</code> printed it</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus value="{token}">
{fault}<button type="submit">Come in</button></form></main></body></html>
""")
# A form whose page says no-referrer is sent with `Origin: null`.
_HEADERS = {"referrer-policy": "same-origin", "cache-control": "no-store"}


@router.get("/login")
async def form(here: Here, token: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The form; the address that was printed fills it in."""
    if here.door.token is None:
        return RedirectResponse("/", 303)
    return HTMLResponse(_PAGE.format(token=token, fault=""), headers=_HEADERS)


@router.post("/login")
async def enter(here: Here, token: Annotated[str, Form(max_length=200)]) -> Response:
    """Change the token into a cookie that no script can read."""
    if not here.door.opens(token):
        fault = Markup('<p class="fault" role="alert">This is not the token.</p>')
        return HTMLResponse(_PAGE.format(token="", fault=fault), 401, _HEADERS)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        here.door.cookie, here.door.pass_, max_age=30 * 86_400, path="/", httponly=True, samesite="strict"
    )
    return answer
