"""Runs over HTTP: the list, one in full, operations with their price, cells, exports, reports, figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from wunderkammer.agents.guide.tool import Bounds
from wunderkammer.apps.chat.operations import starting
from wunderkammer.apps.web.application import application
from wunderkammer.apps.web.door import Door
from wunderkammer.memory import inbox
from wunderkammer.memory.ledger import opened


@pytest.fixture
def run(client: TestClient) -> str:
    return str(client.get("/api/runs").json()["runs"][0]["id"])


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """Commands that would have been started as processes, each with its key before it."""
    found: list[list[str]] = []

    async def named(errand, look):
        return "abcdef123456"

    monkeypatch.setattr(starting, "begin", lambda home, key, words: found.append([key, *words]))
    monkeypatch.setattr(starting, "named", named)
    return found


def test_lists_what_was_begun(client: TestClient) -> None:
    found = client.get("/api/runs").json()

    assert found["total"] == 1
    (line,) = found["runs"]
    assert (line["kind"], line["domain"], line["status"]) == ("run", "rainbow-safety", "finished")
    assert (line["summary"]["steps"], line["summary"]["of"]) == (6, 6)
    assert line["summary"]["filled"] > 0


def test_shows_one_by_the_beginning_of_its_id(client: TestClient, run: str) -> None:
    page = client.get(f"/api/runs/{run[:4]}").json()

    assert page["line"]["id"] == run
    assert page["plan"]["batch"] == 8
    assert set(page["roles"]) >= {"target", "judge"}
    assert sum(page["fates"].values()) == 48
    assert {one["role"] for one in page["calls"]} >= {"target", "mutator"}
    assert page["report"] is None


@pytest.mark.parametrize("path", ["", "/archive", "/curves", "/judgements", "/export", "/cells/0", "/events"])
def test_what_is_not_there_is_404_in_one_line(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/runs/nothing{path}")

    assert answer.status_code == 404
    assert "\n" not in answer.json()["error"]


def test_the_map_agrees_with_its_cells(client: TestClient, run: str) -> None:
    found = client.get(f"/api/runs/{run}/archive").json()
    filled = client.get(f"/api/runs/{run}").json()["line"]["summary"]["filled"]

    assert len(found["cells"]) == len(found["fitness"]) == len(found["slots"]) == filled
    axes = list(found["axes"].values())
    for number, fitness, slot in list(zip(found["cells"], found["fitness"], found["slots"], strict=True))[:5]:
        seen = client.get(f"/api/runs/{run}/cells/{number}").json()
        assert seen["cell"] == [axes[0][number // len(axes[1])], axes[1][number % len(axes[1])]]
        assert seen["elite"]["slot"] == slot
        assert seen["elite"]["fitness"] == pytest.approx(fitness, rel=1e-3)
        assert seen["elite"]["response"]


def test_a_cell_tells_its_votes_and_its_lineage(client: TestClient, run: str) -> None:
    cells = client.get(f"/api/runs/{run}/archive").json()["cells"]
    elites = [client.get(f"/api/runs/{run}/cells/{number}").json()["elite"] for number in cells]

    assert any(elite["verdict"] and elite["verdict"]["votes"] for elite in elites)
    bred = next(elite for elite in elites if elite["generation"] >= 1)
    assert len(bred["lineage"]) == bred["generation"]


def test_an_empty_cell_and_one_off_the_grid_are_404(client: TestClient, run: str) -> None:
    filled = set(client.get(f"/api/runs/{run}/archive").json()["cells"])
    empty = next(number for number in range(100) if number not in filled)

    assert client.get(f"/api/runs/{run}/cells/{empty}").status_code == 404
    assert client.get(f"/api/runs/{run}/cells/100").status_code == 404
    assert client.get(f"/api/runs/{run}/cells/-1").status_code == 422


def test_curves_have_a_point_for_each_step(client: TestClient, run: str) -> None:
    found = client.get(f"/api/runs/{run}/curves").json()

    assert [point["step"] for point in found["points"]] == list(range(6))
    assert len(found["novelty"]) == 6


def test_judgements_name_their_evaluator_and_their_observer(client: TestClient, run: str) -> None:
    found = client.get(f"/api/runs/{run}/judgements").json()

    assert all(0 <= one["overall"]["rate"] <= 1 for one in found["evaluations"] if one["overall"])
    assert all(one["whole"]["observer"] in one["sentence"] for one in found["watched"])
    assert len(found["watched"]) == 1


def test_exports_the_archive_and_one_cell(client: TestClient, run: str) -> None:
    cells = client.get(f"/api/runs/{run}/archive").json()["cells"]

    whole = client.get(f"/api/runs/{run}/export", params={"format": "chat"})
    one = client.get(f"/api/runs/{run}/export", params={"format": "chat", "number": cells[0]})

    assert whole.headers["content-disposition"].startswith("attachment")
    assert len(whole.text.splitlines()) == len(cells)
    assert len(one.text.splitlines()) == 1
    assert json.loads(one.text)["messages"]
    assert client.get(f"/api/runs/{run}/export", params={"format": "exe"}).status_code == 400


def test_replays_a_candidate(client: TestClient, run: str) -> None:
    cell = client.get(f"/api/runs/{run}/archive").json()["cells"][0]
    elite = client.get(f"/api/runs/{run}/cells/{cell}").json()["elite"]

    found = client.post(f"/api/candidates/{elite['id']}/replay", json={"times": 2}).json()

    assert len(found["takes"]) == 2
    assert found["stored_fitness"] == elite["fitness"]
    assert all(take["response"] and not take["fault"] for take in found["takes"])


# ---- operations ------------------------------------------------------------------------------------------------------


def test_does_what_the_chat_does(client: TestClient, run: str) -> None:
    found = client.post("/api/operations/show_run", json={"arguments": {"run": run}}).json()

    assert found["sheet"]["subject"] == run


def test_says_what_is_wrong_with_arguments(client: TestClient) -> None:
    assert client.post("/api/operations/nothing", json={}).status_code == 404
    assert client.post("/api/operations/start_run", json={}).status_code == 422
    assert client.post("/api/operations/start_run", json={"arguments": {"domain": "nothing"}}).status_code == 400
    assert client.post("/api/operations/show_run", json={"arguments": {"run": "x", "y": 1}}).status_code == 422


def test_asks_before_what_is_costly(client: TestClient, started: list[list[str]]) -> None:
    arguments = {"domain": "rainbow-safety", "preset": "gpu"}

    quoted = client.post("/api/operations/start_run/price", json=arguments).json()
    refused = client.post("/api/operations/start_run", json={"arguments": arguments})

    assert quoted["price"]["calls"] > 200
    assert refused.status_code == 409
    assert refused.json()["question"] == quoted["question"]
    assert started == []
    done = client.post("/api/operations/start_run", json={"arguments": arguments, "confirmed": True, "key": "k1"})
    assert done.json()["sheet"]["subject"] == "abcdef123456"
    assert started[0][:3] == ["k1", "run", "rainbow-safety"]


def test_who_serves_says_what_is_done_without_a_question(settings, config) -> None:
    asked = {"domain": "rainbow-skills", "preset": "smoke", "steps": 1, "batch": 1, "calls": 5, "minutes": 1}
    said = []
    for bounds in (Bounds(), Bounds(calls=4)):
        with TestClient(application(settings, Door(), config, bounds), base_url="http://127.0.0.1:8700") as client:
            answer = client.post("/api/operations/start_run/price", json=asked, headers={"x-wunder": "1"})
            said.append(answer.json()["question"])

    assert said[0] == ""
    assert "may take up to 5 calls" in said[1]


def test_starts_with_options_and_models_of_each_role(client: TestClient, started: list[list[str]]) -> None:
    arguments = {"domain": "rainbow-safety", "preset": "smoke", "steps": 1, "batch": 1, "judge": "stage#planted-judge"}
    options = {"judged": False, "max_tokens": 50}

    answer = client.post("/api/operations/start_run", json={"arguments": {**arguments, "options": options}})

    assert answer.status_code == 200
    words = started[0]
    assert {"--judge=stage#planted-judge", "--option=judged=false", "--option=max_tokens=50"} <= set(words)
    wrong = client.post("/api/operations/start_run", json={"arguments": {**arguments, "options": {"nothing": 1}}})
    assert wrong.status_code == 400


def test_a_message_lies_in_the_inbox(client: TestClient, run: str, home: Path) -> None:
    message = "focus Fraud and Scams"

    assert client.post("/api/operations/steer_run", json={"arguments": {"run": run, "message": message}}).is_success

    with opened(f"sqlite:///{home / 'ledger.db'}") as ledger:
        assert [text for _, text, _ in inbox.messages(ledger, run)] == [message]
    assert client.get(f"/api/runs/{run}").json()["letters"] == [{"text": message, "heard": False}]


def test_pausing_what_is_over_is_refused_in_words(client: TestClient, run: str) -> None:
    answer = client.post("/api/operations/pause_run", json={"arguments": {"run": run}})

    assert answer.status_code == 400
    assert "is not running" in answer.json()["error"]


# ---- reports and figures ---------------------------------------------------------------------------------------------


def test_writes_and_shows_a_report_under_rules_of_its_own(client: TestClient, run: str, monkeypatch) -> None:
    monkeypatch.setattr("wunderkammer.memory.embedders.MiniLM.installed", staticmethod(lambda: False))

    page, *_ = client.post(f"/api/runs/{run}/report").json()["files"]
    shown = client.get(page)

    assert page == f"/reports/{run}/report.html"
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert client.get(f"/api/runs/{run}").json()["report"] == page


@pytest.mark.parametrize(
    "path",
    [
        "../ledger.db",
        "%2e%2e/ledger.db",
        "..%2f..%2fwunder.toml",
        "x/../../ledger.db",
        "link/secret.json",
        "r/.hidden.html",
    ],
)
def test_no_name_leads_out_of_the_reports(client: TestClient, home: Path, path: str) -> None:
    outside = home.parent / "outside"
    outside.mkdir()
    (outside / "secret.json").write_text("{}")
    (home / "reports" / "r").mkdir(parents=True)
    (home / "reports" / "r" / ".hidden.html").write_text("x")
    (home / "reports" / "link").symlink_to(outside)

    assert client.get(f"/reports/{path}").status_code == 404


def test_figures_are_what_prometheus_reads(client: TestClient) -> None:
    families = {one.name: one for one in text_string_to_metric_families(client.get("/metrics").text)}

    assert families["wunder_runs"].samples[0].labels == {"kind": "run", "status": "finished"}
    assert sum(sample.value for sample in families["wunder_model_calls"].samples if "total" in sample.name) > 48
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_bug_says_nothing_of_what_is_inside(client: TestClient, monkeypatch, caplog) -> None:
    def broken(*_):
        raise KeyError("a secret")

    monkeypatch.setattr("wunderkammer.apps.chat.office.Office.everything", broken)
    answer = client.get("/api/runs")

    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "a secret" in caplog.text
