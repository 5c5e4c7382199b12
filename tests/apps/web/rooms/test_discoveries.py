"""Findings and the map of the memory, asked for."""

from __future__ import annotations

import pytest

from stage.peepshow import HOSTILE, discoveries


@pytest.fixture
def found(home):
    return discoveries(home, "bee5e0001234")


def test_findings_are_told_newest_first_with_their_intervals(found, client) -> None:
    told = client.get("/api/findings", params={"kind": "study"}).json()
    first = told["findings"][-1]

    assert told["total"] == 6
    assert set(told["domains"]) >= {"soil", "glass", "peepshow"}
    assert [one["id"] for one in told["findings"]] == [one.id for one in found[5::-1]]
    assert first["interval"]["low"] < first["interval"]["mean"] < first["interval"]["high"]
    assert first["interval"]["expected"] == [0.4, None]
    assert (first["because"], first["comment"]) == (HOSTILE, HOSTILE)
    assert (first["search"], first["jobs"]) == (False, ["ab" * 12])


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"domain": "soil"}, 3),
        ({"verdict": "refuted"}, 2),
        ({"verdict": "none", "domain": "peepshow"}, 1),
        ({"text": "DEPTH=4"}, 1),
        ({"text": "onerror", "kind": "study"}, 1),
        ({"domain": "nowhere"}, 0),
        ({"kind": "study", "count": 2, "offset": 5}, 1),
    ],
)
def test_findings_are_filtered(found, client, asked, count) -> None:
    assert len(client.get("/api/findings", params=asked).json()["findings"]) == count


def test_what_a_search_found_leads_to_its_page(client) -> None:
    worlds = client.get("/api/worlds").json()
    seen = client.get("/api/findings", params={"kind": "reflection"}).json()["findings"]

    assert all(world["runs"] == [] for world in worlds)
    assert seen
    assert all(one["search"] and one["verdict"] is None for one in seen)
    for evidence in (proof for one in seen for proof in one["evidence"]):
        cell = client.get(f"/api/runs/{seen[0]['run']}/cells/{evidence['number']}").json()
        assert cell["elite"]["id"] == evidence["candidate"]


def test_a_finding_is_held_against_the_ledger(client) -> None:
    name = client.get("/api/findings").json()["findings"][0]["id"]

    assert client.get(f"/api/findings/{name}/check").json() == {"faults": [], "pairs": []}


def test_a_drawing_is_sealed(found, client) -> None:
    drawing = client.get(f"/api/findings/{client.get('/api/findings').json()['findings'][0]['id']}/drawing")

    assert drawing.headers["content-type"] == "image/svg+xml"
    assert drawing.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in drawing.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/api/findings/zz/check", "/api/findings/..%2F..%2Fx/drawing"])
def test_what_is_not_there_is_404(client, path) -> None:
    assert client.get(path).status_code == 404


def test_a_run_that_is_not_there_is_one_line(client) -> None:
    answer = client.get("/api/findings", params={"run": "zz"})

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("no run 'zz'")


def test_the_memory_is_a_map(client) -> None:
    told = client.get("/api/memory/map").json()

    assert told["held"] == len(told["ids"]) > 10
    assert told["domains"] == ["rainbow-safety"]
    assert all(0 <= one <= 1000 for one in (*told["x"], *told["y"]))
    assert {len(told[name]) for name in ("ids", "x", "y", "domain", "at")} == {told["held"]}
    assert min(told["at"]) > 1_700_000_000
    assert 0 < told["explained"] < 1
    assert told["embedder"].startswith("hashed")
