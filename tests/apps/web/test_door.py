"""Who comes in: names, tokens, origins, sizes, pace; and what stands on every answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from wunderkammer.apps.web.application import application
from wunderkammer.apps.web.door import MOST_BODY, Door
from wunderkammer.apps.web.pace import MOST, Pace
from wunderkammer.core.settings import Settings

TOKEN = "a-token-that-nobody-guesses"
HERE = "http://127.0.0.1:8700"
CHANGE = "/api/operations/list_runs"


@pytest.fixture
def bare(app: FastAPI) -> Iterator[TestClient]:
    """Asks without any header of ours."""
    with TestClient(app, base_url=HERE) as asks:
        yield asks


@pytest.fixture
def guarded(settings: Settings) -> Iterator[TestClient]:
    """A door with a token, as it stands before other machines."""
    door = Door(host="0.0.0.0", token=TOKEN, names=frozenset({"cabinet.example"}))
    with TestClient(application(settings, door), base_url="http://192.0.2.7:8700", follow_redirects=False) as asks:
        yield asks


@pytest.mark.parametrize("host", ["127.0.0.1:8700", "localhost:8700", "LOCALHOST", "[::1]:8700", "127.0.0.1"])
def test_is_known_by_the_names_of_this_machine(bare: TestClient, host: str) -> None:
    assert bare.get("/api/runs", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "192.0.2.1", "[", "localhost@evil.example"]
)
def test_refuses_a_name_that_was_made_to_point_here(bare: TestClient, host: str) -> None:
    assert bare.get("/api/runs", headers={"host": host}).status_code == 421


def test_every_answer_says_what_a_page_may_do(bare: TestClient) -> None:
    for path in ("/", "/static/main.js", "/api/runs", "/api/nothing", "/healthz"):
        headers = bare.get(path).headers

        policy = headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


# ---- the token -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/api/runs", "/metrics", "/api/openapi.json", "/static/main.js", "/reports/a/b.html"])
def test_nobody_comes_in_without_the_token(guarded: TestClient, path: str) -> None:
    for word in ("", "Bearer", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ü"):
        headers = {"authorization": word.encode()} if word else {}

        assert guarded.get(path, headers=headers).status_code == 401


def test_the_bearer_comes_in(guarded: TestClient) -> None:
    assert guarded.get("/api/runs", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_page_is_sent_to_the_form_and_comes_back_with_a_cookie(guarded: TestClient) -> None:
    assert guarded.get("/", headers={"accept": "text/html"}).headers["location"] == "/login"
    form = guarded.get("/login", params={"token": '"><script>alert(1)</script>'})
    assert "<script>" not in form.text

    answer = guarded.post("/login", data={"token": TOKEN}, headers={"origin": "http://192.0.2.7:8700"})

    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert guarded.get("/api/runs").status_code == 200
    guarded.cookies.clear()
    assert guarded.get("/api/runs", headers={"cookie": f"wunder-8700={'0' * 64}"}).status_code == 401


def test_a_wrong_token_gets_no_cookie(guarded: TestClient) -> None:
    answer = guarded.post("/login", data={"token": "x"}, headers={"origin": "http://192.0.2.7:8700"})

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_guessing_is_slowed_down(guarded: TestClient) -> None:
    said = [guarded.post("/login", data={"token": "x"}, headers={"origin": "http://192.0.2.7:8700"}) for _ in range(20)]

    assert [one.status_code for one in said[:15]] == [401] * 15
    assert said[-1].status_code == 429
    assert int(said[-1].headers["retry-after"]) >= 1


def test_names_are_checked_elsewhere_too(guarded: TestClient) -> None:
    bearer = {"authorization": f"Bearer {TOKEN}"}

    assert guarded.get("/api/runs", headers={**bearer, "host": "cabinet.example"}).status_code == 200
    assert guarded.get("/api/runs", headers={**bearer, "host": "evil.example"}).status_code == 421


# ---- changes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "x-wunder": "1"},
        {"origin": "null", "x-wunder": "1"},
        {"origin": "http://127.0.0.1:9999", "authorization": "Bearer x"},
        {"sec-fetch-site": "cross-site", "x-wunder": "1"},
    ],
)
def test_no_other_site_changes_anything(bare: TestClient, headers: dict[str, str]) -> None:
    assert bare.post(CHANGE, json={}, headers=headers).status_code == 403


def test_what_a_foreign_form_can_send_is_refused(bare: TestClient) -> None:
    assert bare.post(CHANGE, content="{}", headers={"content-type": "text/plain"}).status_code == 403
    assert bare.post(CHANGE).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": HERE},
        {"x-wunder": "1"},
        {"authorization": "Bearer anything"},
        {"content-type": "application/json; charset=utf-8"},
    ],
)
def test_our_page_and_programs_do(bare: TestClient, headers: dict[str, str]) -> None:
    assert bare.post(CHANGE, content="{}", headers={"content-type": "application/json", **headers}).status_code == 200


def test_changes_are_counted_and_looking_is_not(settings: Settings) -> None:
    with TestClient(application(settings, Door(changes_per_minute=8)), base_url=HERE) as asks:
        said = [asks.post(CHANGE, json={}).status_code for _ in range(4)]

        assert said == [200, 200, 429, 429]
        assert {asks.get("/api/runs").status_code for _ in range(5)} == {200}


def test_pace_gives_back_what_time_brings() -> None:
    pace = Pace(60)

    assert [pace.wait("a", 0.0) for _ in range(15)] == [0.0] * 15
    assert pace.wait("a", 0.0) == pytest.approx(1.0)
    assert pace.wait("b", 0.0) == 0.0
    assert pace.wait("a", 1.0) == 0.0


def test_pace_forgets_so_that_its_memory_is_bounded() -> None:
    pace = Pace(60)
    for who in range(2 * MOST):
        pace.wait(str(who), 0.0)

    assert len(pace._held) == MOST


# ---- sizes -----------------------------------------------------------------------------------------------------------


def test_a_body_that_says_it_is_too_large_is_not_read(bare: TestClient) -> None:
    answer = bare.post(CHANGE, content=b"x" * (MOST_BODY + 1), headers={"content-type": "application/json"})

    assert answer.status_code == 413


def test_a_body_that_does_not_say_is_counted(bare: TestClient) -> None:
    parts = (b" " * 65_536 for _ in range(MOST_BODY // 65_536 + 2))

    assert bare.post(CHANGE, content=parts, headers={"content-type": "application/json"}).status_code == 413
