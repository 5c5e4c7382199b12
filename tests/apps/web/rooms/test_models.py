"""Models, asked for: who plays what, an audition, a server that is added."""

from __future__ import annotations

import pytest

from wunderkammer.core import adapters
from wunderkammer.core.settings import load

SERVER = {"name": "second", "url": "http://127.0.0.1:9/v1", "key_env": "SECOND_KEY"}


def test_who_plays_which_role(client, config, planted) -> None:
    told = client.get("/api/models").json()
    roles = {one["role"]: one for one in told["roles"]}

    assert told["file"] == str(config)
    assert (roles["judge"]["server"], roles["judge"]["address"]) == ("stage", planted)
    assert (roles["judge"]["model"], roles["guide"]["model"]) == ("planted-judge", "rehearsal")
    assert roles["guide"]["set_by"] == "roles.default"
    assert {one["name"] for one in told["servers"]} == {"embedded", "stage"}
    assert told["adapters"] == []


def test_an_audition_is_one_question(client) -> None:
    told = client.post("/api/models/test", json={"role": "guide"}).json()
    vector = client.post("/api/models/test", json={"role": "embedder"}).json()

    assert told["structured"] == "schema"
    assert told["attempts"] == 1
    assert 0 < told["seconds"] < 30
    assert told["prompt_tokens"] > 0
    assert told["reply"]
    assert vector["dimension"] > 1
    assert vector["structured"] is None


def test_the_roll_is_called(client, planted) -> None:
    told = client.post("/api/models/roll", json={}).json()
    by_role = {role: one for one in told for role in one["roles"]}

    assert by_role["judge"]["reachable"]
    assert by_role["judge"]["address"] == planted
    assert by_role["guide"]["abilities"]["json_schema"]


def test_a_server_is_added_once_the_user_has_confirmed(client, config, monkeypatch) -> None:
    before = config.read_text()
    asked = client.post("/api/models/servers", json=SERVER)
    unchanged = config.read_text()
    told = client.post("/api/models/servers", json={**SERVER, "confirmed": True}).json()
    again = client.post("/api/models/servers", json={**SERVER, "confirmed": True})

    assert (asked.status_code, asked.json()["confirm"]) == (409, "http://127.0.0.1:9/v1")
    assert "will be sent to" in asked.json()["error"]
    assert unchanged == before
    second = next(one for one in told["servers"] if one["name"] == "second")
    assert (second["key_env"], second["key_set"]) == ("SECOND_KEY", False)
    assert load(config).servers["second"].url == SERVER["url"]
    assert again.status_code == 400
    monkeypatch.setenv("SECOND_KEY", "sk-very-secret")
    assert "sk-very-secret" not in client.get("/api/models").text
    assert next(one for one in client.get("/api/models").json()["servers"] if one["name"] == "second")["key_set"]


def test_a_server_plays_a_role_and_is_down(client, monkeypatch) -> None:
    client.post("/api/models/servers", json={**SERVER, "key_env": None, "confirmed": True})
    told = client.post("/api/models/roles", json={"role": "judge", "server": "second", "model": "m"}).json()
    test = client.post("/api/models/test", json={"role": "judge"})

    assert next(one for one in told["roles"] if one["role"] == "judge")["server"] == "second"
    assert test.status_code == 502
    assert "nobody answers" in test.json()["error"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x"},
        {"name": "x", "url": "http://127.0.0.1/v1", "key_env": "sk-live-secret"},
        {"name": "<b>", "url": "http://127.0.0.1/v1"},
        {"name": "x", "url": "http://127.0.0.1/v1", "key": "sk-live-secret"},
    ],
)
def test_a_server_that_is_none_is_refused_and_no_secret_repeated(client, config, body) -> None:
    before = config.read_text()
    answer = client.post("/api/models/servers", json={**body, "confirmed": True})

    assert answer.status_code == 422
    assert "sk-live-secret" not in answer.text
    assert config.read_text() == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("test", {"role": "boss"}),
        ("roles", {"role": "boss", "server": "stage"}),
        ("roles", {"role": "judge", "server": "nobody"}),
    ],
)
def test_wrong_names_are_one_line(client, path, body) -> None:
    answer = client.post(f"/api/models/{path}", json=body)

    assert answer.status_code == 400
    assert answer.json()["error"]


def test_without_a_file_nothing_is_written(settings) -> None:
    from starlette.testclient import TestClient

    from wunderkammer.apps.web.application import application
    from wunderkammer.apps.web.door import Door

    headers = {"x-wunder": "1"}
    with TestClient(application(settings, Door()), base_url="http://127.0.0.1:8700", headers=headers) as client:
        told = client.get("/api/models").json()
        answer = client.post("/api/models/servers", json={**SERVER, "confirmed": True})

    assert told["file"] is None
    assert answer.status_code == 400
    assert "wunder init" in answer.json()["error"]


def test_adapters_are_listed(client, settings) -> None:
    place = adapters.folder_of(settings.home) / "polite"
    place.mkdir(parents=True)
    (place / adapters.CARD).write_text(
        '{"name": "polite", "hash": "0123456789abcdef", "base": "feed", "rank": 8, "job": "1f"}'
    )

    assert client.get("/api/models").json()["adapters"] == [
        {"name": "polite", "label": "polite@01234567", "rank": 8, "base": "feed", "gguf": False, "job": "1f"}
    ]
