"""The reports of runs, as they lie in HOME/reports: pages of their own, under rules of their own."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import APIRouter, HTTPException
from starlette.responses import FileResponse

from wunderkammer.apps.reporting import write_for
from wunderkammer.apps.web.context import Here
from wunderkammer.apps.web.faults import Refused, looked_up
from wunderkammer.core.contract import Frozen
from wunderkammer.memory.undertakings import find_undertaking

router = APIRouter(tags=["reports"])
_KINDS = {
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/plain",
    ".svg": "image/svg+xml",
    ".toml": "text/plain",
}
_RULES = {
    # Stricter than our own pages': nothing but what stands in the file, and in an origin of nobody. A report names the
    # hash of its style sheet itself.
    "content-security-policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; "
        "base-uri 'none'; form-action 'none'"
    ),
    "cache-control": "no-cache",
}
_FOLDER = re.compile(r"[\w-]{1,80}", re.ASCII)
_FILE = re.compile(r"[\w-]{1,80}\.[a-z]{2,4}", re.ASCII)
PAGE = "report.html"


class Written(Frozen):
    """Where the files of a report are."""

    files: tuple[str, ...]
    """Addresses; the page is the first."""


@router.post("/api/runs/{run}/report", responses=Refused)
def write_report(here: Here, run: str) -> Written:
    """Write the report of a run, study, hardening or autonomous run, as `wunder report` does."""
    with looked_up():
        found = find_undertaking(here.ledger, run)
    files = write_for(here.settings, found)
    return Written(files=tuple(f"/reports/{found.id}/{file.name}" for file in files))


@router.get("/reports/{run}/{file}", response_class=FileResponse, responses=Refused)
def read_report(here: Here, run: str, file: str) -> FileResponse:
    """A file of a report."""
    place = _place(here.settings.home / "reports", run, file)
    return FileResponse(place, media_type=_KINDS[place.suffix], headers=_RULES)


def has_report(home: Path, run: str) -> bool:
    """Whether a run has a page to show."""
    return bool(_FOLDER.fullmatch(run)) and (home / "reports" / run / PAGE).is_file()


def _place(folder: Path, run: str, file: str) -> Path:
    """The file, if it is one of a report: neither names nor links lead out of the folder."""
    missing = HTTPException(404, "there is no such report; `wunder report` writes one")
    if not (_FOLDER.fullmatch(run) and _FILE.fullmatch(file)):
        raise missing
    place = (folder / run / file).resolve()
    if place.suffix not in _KINDS or not place.is_relative_to(folder.resolve()) or not place.is_file():
        raise missing
    return place
