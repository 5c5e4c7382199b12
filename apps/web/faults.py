"""Faults as JSON: `{"error": one line}`, with the status that fits; a bug says nothing of what is inside."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wunderkammer.agents.guide.tool import WrongCall
from wunderkammer.core.errors import (
    BudgetExceeded,
    ConfigError,
    JobFailed,
    LedgerError,
    ModelError,
    RateLimited,
    RunBusy,
    WunderError,
)

_STATUS: tuple[tuple[type[WunderError], int], ...] = (
    (ConfigError, 400),
    (RunBusy, 409),
    (BudgetExceeded, 409),
    (JobFailed, 409),
    (RateLimited, 429),
    (ModelError, 502),
    (LedgerError, 503),
    (WunderError, 409),
)
log = logging.getLogger(__name__)


class Fault(BaseModel):
    """What a refused request is told."""

    error: str


Refused: dict[int | str, dict[str, Any]] = {
    status: {"model": Fault, "description": says}
    for status, says in (
        (400, "An argument is wrong; the line says what to write."),
        (404, "There is no such thing."),
        (409, "Somebody is at work on it, or it has to be confirmed first."),
        (422, "An argument has the wrong form."),
        (429, "A model's server, or this one, is asked too often."),
        (502, "A model's server gave no usable answer."),
        (503, "The ledger cannot be used."),
    )
}
"""What a route may answer beside its result, for the OpenAPI document."""


def add_to(app: FastAPI) -> None:
    """Answer every fault of this application in the same form."""
    app.add_exception_handler(WunderError, _understood)
    app.add_exception_handler(WrongCall, _wrong_call)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StarletteHTTPException, _http)
    app.add_exception_handler(Exception, _bug)


def refusal(status: int, line: str, **more: object) -> JSONResponse:
    """A fault as it leaves."""
    return JSONResponse({"error": line, **more}, status_code=status)


@contextmanager
def looked_up() -> Iterator[None]:
    """Around a look-up by a name that stands in the address: what is not there is 404."""
    try:
        yield
    except ConfigError as fault:
        raise HTTPException(404, str(fault)) from None


def status_of(fault: WunderError) -> int:
    """The HTTP status of a fault."""
    return next(status for kind, status in _STATUS if isinstance(fault, kind))


async def _understood(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, WunderError)
    return refusal(status_of(fault), str(fault))


async def _wrong_call(_: Request, fault: Exception) -> Response:
    return refusal(422, str(fault))


async def _invalid(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)
    faults = (f"{'.'.join(str(part) for part in one['loc'][1:]) or 'body'}: {one['msg']}" for one in fault.errors())
    return refusal(422, "; ".join(faults))


async def _http(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, StarletteHTTPException)
    answer = refusal(fault.status_code, str(fault.detail))
    answer.headers.update(fault.headers or {})
    return answer


async def _bug(request: Request, fault: Exception) -> Response:
    log.error("%s %s", request.method, request.url.path, exc_info=fault)
    return refusal(500, "this is a bug of Wunderkammer; the server's log has the traceback")
