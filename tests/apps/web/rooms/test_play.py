"""Games, asked for: what there is, a step, what is no picture, and what is over."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from stage.playhouse import install
from stage.square import png
from stage.submitting import submitting
from wunderkammer.core.play import MOST_PROMPT
from wunderkammer.domains.genie import shipped


@pytest.fixture(autouse=True)
def learned(monkeypatch, tmp_path) -> Path:
    """Where worlds would be that come with the package; none is there."""
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "learned")
    return tmp_path / "learned"


@pytest.fixture
def game(settings, monkeypatch) -> str:
    install(monkeypatch)
    with submitting(settings) as submit:
        submit(title="no such thing", args=1)
        yield submit(title="a game")


def in_words(data: bytes) -> str:
    return urlsafe_b64encode(data).decode()


def test_there_is_nothing_at_first(client) -> None:
    assert client.get("/api/play").json() == []


def test_what_is_shipped_comes_last(game, client, learned) -> None:
    (learned / "coinrun").mkdir(parents=True)
    (learned / "coinrun/settings.json").touch()
    listed = client.get("/api/play").json()
    assert [one["id"] for one in listed] == [game, "shipped-coinrun"]
    assert listed[1]["title"] == "coinrun, shipped"
    assert client.post("/api/play", json={"game": "zz"}).status_code == 404
    assert client.post("/api/play/zz/step", json={"action": 0}).status_code == 404


def test_a_game_is_played(game, client) -> None:
    (listed,) = client.get("/api/play").json()
    opened = client.post("/api/play", json={"game": game}).json()
    path = f"/api/play/{opened['session']}"
    example = client.get(f"{path}/examples/1")
    began = client.post(f"{path}/start", json={"example": 1}).json()
    stepped = client.post(f"{path}/step", json={"action": 1}).json()
    back = client.post(f"{path}/undo").json()
    drawn = client.post(f"{path}/start", json={"picture": in_words(png(0, 0))}).json()
    clip = client.get(f"{path}/clip")

    assert listed["id"] == game
    assert opened["rules"] == {"actions": 8, "examples": 3, "title": "A square", "truth": "The true square"}
    assert (example.headers["content-type"], example.content) == ("image/png", png(15, 14))
    assert (began["frame"], began["steps"]) == (in_words(png(15, 14)), 0)
    assert (stepped["frame"], stepped["truth"]) == (in_words(png(16, 14)), in_words(png(16, 14, 120)))
    assert back == began
    assert drawn["truth"] is None
    assert clip.headers["content-type"] == "image/gif"
    assert clip.headers["content-disposition"] == 'attachment; filename="played.gif"'
    assert client.post(f"{path}/end").status_code == 200
    assert client.post(f"{path}/step", json={"action": 0}).status_code == 404


@pytest.mark.parametrize(
    ("picture", "status", "says"),
    [
        (b"<svg onload='1'/>" * 9, 400, "has to be a PNG"),
        (png(0, 0)[:16] + (9999).to_bytes(4, "big") + png(0, 0)[20:], 400, "at most 512 pixels"),
        (png(0, 0) + bytes(MOST_PROMPT), 400, f"at most {MOST_PROMPT} bytes"),
        (bytes(3_000_000), 413, "at most"),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(game, client, picture, status, says) -> None:
    path = f"/api/play/{client.post('/api/play', json={'game': game}).json()['session']}"
    answer = client.post(f"{path}/start", json={"picture": in_words(picture)})

    assert (answer.status_code, says in answer.json()["error"]) == (status, True)
    assert client.post(f"{path}/start", json={}).status_code == 200


@pytest.mark.parametrize("body", [{"action": 8}, {"action": -1}, {"action": "left"}, {}])
def test_an_action_that_is_none_is_refused(game, client, body) -> None:
    path = f"/api/play/{client.post('/api/play', json={'game': game}).json()['session']}"

    assert client.post(f"{path}/step", json=body).status_code in (409, 422)


def test_only_so_many_games_are_played_at_once(game, client) -> None:
    answers = [client.post("/api/play", json={"game": game}) for _ in range(4)]

    assert [one.status_code for one in answers] == [200, 200, 200, 409]
    assert "3 games are being played already" in answers[-1].json()["error"]
