"""The OpenAPI document against the application: whatever it allows to be sent, no answer is a server error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from wunderkammer.apps.chat.operations import starting
from wunderkammer.apps.web.application import application
from wunderkammer.apps.web.door import Door
from wunderkammer.core.settings import Settings

HERE = "http://127.0.0.1:8700"
EXAMPLES = 8
SKIPPED = ("/events", "/follow", "/report")
"""Streams never end, a report takes seconds; they have tests of their own."""
SENT = ("method", "url", "params", "json", "data", "content", "headers")
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def app(settings: Settings, config: Path, monkeypatch) -> FastAPI:
    """Asked as often as it takes, and starting nothing."""

    async def named(errand, look):
        return "abcdef123456"

    monkeypatch.setattr(starting, "begin", lambda home, key, words: None)
    monkeypatch.setattr(starting, "named", named)
    return application(settings, Door(changes_per_minute=1e9, costly_per_minute=1e9), config)


@pytest.fixture
def run(client: TestClient) -> str:
    return str(client.get("/api/runs").json()["runs"][0]["id"])


def real_names(client: TestClient, run: str) -> Mapping[str, tuple[Any, ...]]:
    """Path parameters that stand for something: what is made up never does."""
    number = client.get(f"/api/runs/{run}/archive").json()["cells"][0]
    elite = client.get(f"/api/runs/{run}/cells/{number}").json()["elite"]["id"]
    return {"run": (run,), "number": (number, 99), "candidate": (elite,)}


def test_no_answer_is_a_server_error(client: TestClient, run: str) -> None:
    names = real_names(client, run)

    said = asked(client, client.get("/api/openapi.json").json(), lambda name, at: names.get(name, [None])[at % 2 - 1])

    assert said[200] > 50


def test_no_arguments_of_any_operation_are_a_server_error(client: TestClient, run: str) -> None:
    """Their schemas stand in the list of operations, not in the document."""
    operations = client.get("/api/operations").json()
    document = {
        "openapi": "3.1.0",
        "info": {"title": "operations", "version": "1"},
        "paths": {f"/api/operations/{one['name']}": {"post": posting(one["arguments"])} for one in operations},
    }

    said = asked(client, document, lambda name, at: None)

    assert said[200] > 10


def posting(arguments: dict[str, Any]) -> dict[str, Any]:
    """How an operation with these arguments would stand in a document; `latest` is offered where a run is asked for."""
    known = {**arguments, "properties": {**arguments["properties"]}}
    if "run" in known["properties"]:
        known["properties"]["run"] = {"enum": ["latest", "nothing"]}
    body = {"type": "object", "required": ["arguments", "confirmed"], "additionalProperties": False}
    body["properties"] = {"arguments": known, "confirmed": {"enum": [True]}}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}, "responses": {}}


def asked(client: TestClient, document: dict[str, Any], name: Callable[[str, int], Any]) -> Counter[int]:
    """How often each status was answered; fails at a server error. name: something real for a parameter, or None."""
    said = Counter[int]()

    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        if operation.path.endswith(SKIPPED):
            continue

        @QUIET
        @given(case=operation.as_strategy(), real=st.booleans(), at=st.integers(0, 1))
        def ask(case: schemathesis.Case, real: bool, at: int) -> None:
            for parameter in case.path_parameters or {}:
                if real and (known := name(parameter, at)) is not None:
                    case.path_parameters[parameter] = known
            sent = {key: value for key, value in case.as_transport_kwargs(base_url=HERE).items() if key in SENT}
            answer = client.request(**sent)
            said[answer.status_code] += 1
            assert answer.status_code < 500, f"{case.method} {case.path}: {answer.text}"
            assert answer.status_code < 400 or "error" in answer.json()

        ask()
    return said
