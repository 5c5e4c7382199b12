"""Worlds, asked for: whatever domain has pictures, and nothing that could run."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from stage.peepshow import HOSTILE, Peepshow, exhibit, install
from wunderkammer.core.abilities import Picture
from wunderkammer.core.errors import ConfigError


@pytest.fixture
def run(home, monkeypatch) -> str:
    install(monkeypatch)
    return exhibit(home)


def test_every_domain_with_pictures_has_a_room(run, client) -> None:
    rooms = {one["domain"]: one for one in client.get("/api/worlds").json()}

    assert [one["id"] for one in rooms["peepshow"]["runs"]] == [run]
    assert rooms["peepshow"]["title"] == "Scenes behind a little window"
    assert "rainbow-safety" not in rooms


def test_elites_are_on_show_best_first(run, client) -> None:
    told = client.get(f"/api/runs/{run}/worlds", params={"count": 5}).json()
    newest = client.get(f"/api/runs/{run[:6]}/worlds", params={"order": "newest"}).json()["exhibits"]
    fitness = [one["fitness"] for one in told["exhibits"]]

    assert (told["run"], told["domain"], told["axes"]) == (run, "peepshow", ["walls", "light"])
    assert told["total"] == len(newest) > len(told["exhibits"]) == 5
    assert fitness == sorted(fitness, reverse=True)
    assert [one["slot"] for one in newest] == sorted((one["slot"] for one in newest), reverse=True)
    assert len({tuple(one["cell"]) for one in newest}) == len(newest)


def test_a_world_is_told_with_features_text_and_rollout(run, client) -> None:
    first = client.get(f"/api/runs/{run}/worlds").json()["exhibits"][0]
    label = client.get(f"/api/worlds/{first['id']}").json()
    (artifact,) = label["artifacts"]

    assert (label["run"], label["cell"]) == (run, first["cell"])
    assert set(label["measures"]) == {"walls", "turns"}
    assert label["text"].count("\n") >= 8
    assert label["genome"]["walls"]
    rollout = client.get(f"/api/worlds/{first['id']}/rollout")
    assert (rollout.headers["content-type"], rollout.headers["x-caption"]) == ("image/svg+xml", "The%20way%20through")
    assert b"polyline" in rollout.content
    assert b"polyline" in client.get(f"/api/artifacts/{artifact}").content


def test_a_rollout_is_drawn_once_or_not_at_all(run, client, monkeypatch) -> None:
    drawn: list[int] = []

    def rollout(self, entry, artifacts):
        drawn.append(entry.slot)
        return None if entry.slot % 2 else Picture(media="image/gif", data=b"GIF89a", caption=HOSTILE)

    monkeypatch.setattr(Peepshow, "rollout", rollout)
    shown = {one["slot"] % 2: one["id"] for one in client.get(f"/api/runs/{run}/worlds").json()["exhibits"]}
    answers = [client.get(f"/api/worlds/{shown[odd]}/rollout") for odd in (0, 0, 1)]

    assert [answer.status_code for answer in answers] == [200, 200, 204]
    assert answers[0].headers["content-type"] == "image/gif"
    assert unquote(answers[0].headers["x-caption"]) == HOSTILE
    assert len(drawn) == 2


def test_where_a_package_is_missing_the_rest_is_shown(run, client, monkeypatch) -> None:
    def missing(self, entry, artifacts):
        raise ConfigError("this needs jax: wunder setup worlds")

    monkeypatch.setattr(Peepshow, "rollout", missing)
    first = client.get(f"/api/runs/{run}/worlds").json()["exhibits"][0]["id"]

    assert client.get(f"/api/worlds/{first}").status_code == 200
    assert client.get(f"/api/worlds/{first}/rollout").json() == {"error": "this needs jax: wunder setup worlds"}


def test_pictures_are_sealed_and_asked_for_once(run, client) -> None:
    worst = client.get(f"/api/runs/{run}/worlds", params={"order": "newest"}).json()["exhibits"][0]
    first = client.get(f"/api/worlds/{worst['id']}/picture")
    again = client.get(f"/api/worlds/{worst['id']}/picture", headers={"if-none-match": first.headers["etag"]})

    assert b"<script>" in first.content
    assert first.headers["content-type"] == "image/svg+xml"
    assert first.headers["x-content-type-options"] == "nosniff"
    policy = first.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"/api/worlds/{worst['id']}").json()["notes"] == {"answer": HOSTILE}


@pytest.mark.parametrize(
    "name",
    [
        "..%2f..%2fwunder.toml", "../ledger.db", "%2e%2e%2fledger.db", "a" * 24 + ".svg/../x", "a" * 24 + ".svg",
        "a" * 23 + ".svg", "A" * 24 + ".svg", "%00" + "a" * 24, ".", "a" * 24 + ".%00",
    ],
)  # fmt: skip
def test_no_name_leads_out_of_the_store(run, client, name) -> None:
    assert client.get(f"/api/artifacts/{name}").status_code == 404


def test_files_that_are_no_pictures_are_downloads(run, client, home) -> None:
    from wunderkammer.memory.artifacts import Artifacts

    name = Artifacts(home / "artifacts").keep(b"<script>1</script>", ".html")
    answer = client.get(f"/api/artifacts/{name}")

    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/api/worlds/zz", "/api/worlds/zz/picture", "/api/worlds/zz/rollout", "/api/runs/zz/worlds"]
)
def test_what_is_not_there_is_404(run, client, path) -> None:
    assert client.get(path).status_code == 404


def test_a_run_without_pictures_is_none_of_this_room(run, client) -> None:
    runs = client.get("/api/findings").json()["findings"]
    answer = client.get(f"/api/runs/{runs[0]['run']}/worlds")

    assert answer.status_code == 404
    assert "has no pictures" in answer.json()["error"]
