"""From what the client library raises to the error tree of the house: one line each, nothing secret in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.util import find_spec

import httpx2
from openai import APIStatusError, OpenAIError

from wunderkammer.core.errors import ModelError, RateLimited, Refused, ServerDown, ServerFault
from wunderkammer.models.address import Address

AIOHTTP = find_spec("aiohttp") is not None
"""Whether the faster transport can be used."""

if AIOHTTP:
    from aiohttp import ClientError

    WIRE_FAULTS: tuple[type[Exception], ...] = (OpenAIError, httpx2.HTTPError, OSError, ClientError)
else:
    WIRE_FAULTS = (OpenAIError, httpx2.HTTPError, OSError)
"""Everything that a request may raise that is no bug of ours. aiohttp's own come through where nobody mapped them."""

_BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.LOCKED, HTTPStatus.TOO_EARLY}
_BROKEN_OFF = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)


class Declined(Refused):
    """A refusal with what the ladder needs to learn from it.

    status: of HTTP, or the number that an error object gave.
    param: the request's field that the server blames, where it says so.
    said: the server's words, redacted, up to 2,000 characters.
    """

    def __init__(self, message: str, *, status: int, param: str | None = None, said: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.param = param
        self.said = said


def of_exception(fault: Exception, at: Address, *, key_env: str | None, model: str, now: float) -> ModelError:
    """The fault of one request. `now`: seconds since the epoch, to read a Retry-After that is a date."""
    if isinstance(fault, APIStatusError):
        wait = retry_after(fault.response.headers, now)
        return of_status(fault.status_code, fault.body, at, key_env=key_env, model=model, wait=wait)
    root = _root(fault)
    why = at.quote(str(root) or type(root).__name__)
    if isinstance(root, OSError) and not isinstance(root, _BROKEN_OFF):
        return ServerDown(f"{at.url}: nobody answers: {why}")
    return ServerFault(f"{at.url}: the connection broke off: {why}")


def of_status(
    status: int, body: object, at: Address, *, key_env: str | None, model: str, wait: float | None = None
) -> ModelError:
    """The fault that a status and an error body stand for."""
    words, param = _words(body)
    said = at.redact(words[:4000])[:2000]
    line = f"{at.url}: {status} {at.quote(said) or _phrase(status)}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(line, retry_after=wait)
    if status in _BUSY or (status >= 500 and status != HTTPStatus.NOT_IMPLEMENTED):
        return ServerFault(line, retry_after=wait)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        line += f"; {_mend_key(at, key_env)}"
    elif status == HTTPStatus.NOT_FOUND:
        line += f"; does it serve {model!r}? GET {at.url}/models lists its models"
    return Declined(line, status=status, param=param, said=said)


def of_error_object(error: object, at: Address, *, key_env: str | None, model: str) -> ModelError:
    """The fault of a reply with status 200 that holds an error instead of an answer."""
    code = error.get("code", error.get("status")) if isinstance(error, Mapping) else None
    status = int(code) if isinstance(code, int | str) and str(code).isdigit() and 400 <= int(code) <= 599 else 500
    return of_status(status, error, at, key_env=key_env, model=model)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait by `Retry-After` (seconds or a date) or `retry-after-ms`; None where neither can be read."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = headers.get(name, "")
        try:
            seconds = float(text) / unit
        except ValueError:
            continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - now)
    except ValueError:
        return None


def _mend_key(at: Address, key_env: str | None) -> str:
    if key_env:
        return f"check the key in ${key_env}"
    if at.secrets:
        return "check the user and password in its url"
    return "name the environment variable that holds its key as key_env"


def _words(body: object) -> tuple[str, str | None]:
    """The message and the blamed parameter of an error body, in any of the shapes that servers use."""
    error = body.get("error", body) if isinstance(body, Mapping) else body
    if isinstance(error, Mapping):
        message = next((error[k] for k in ("message", "detail", "error", "msg") if error.get(k)), error)
        param = error.get("param")
        return str(message), param if isinstance(param, str) else None
    return ("" if error is None else str(error)), None


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "without a word"


def _root(fault: BaseException) -> BaseException:
    # Transports wrap one another, and one maps a reset connection to a time-out: only the first cause tells.
    seen = 0
    while fault.__cause__ is not None and seen < 20:
        fault, seen = fault.__cause__, seen + 1
    return fault
