"""Words of models and candidates are data on every page: none becomes markup, script, style or an address."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect
from starlette.testclient import TestClient

HOSTILE = (
    '<script>window.pwned=1</script><img src=x onerror="window.pwned=2"><svg onload="window.pwned=3">'
    '"\'><a href="javascript:window.pwned=4">y</a></pre></td>{{7*7}}${7*7}'
    '<iframe srcdoc="<script>parent.pwned=5</script>"></iframe><style>body{display:none}</style>\u202e\u2028'
)
PAGES = ("/", "/discoveries", "/worlds", "/jobs", "/models", "/chat")


@pytest.fixture
def home(home: Path) -> Path:
    """The home of the finished run, in which all that a model could have written is hostile."""
    with sqlite3.connect(home / "ledger.db") as ledger:
        for name, genome in ledger.execute("select id, genome from candidates").fetchall():
            words = {key: HOSTILE if isinstance(value, str) else value for key, value in json.loads(genome).items()}
            ledger.execute(
                "update candidates set text = ?, genome = ? where id = ?", (HOSTILE, json.dumps(words), name)
            )
        ledger.execute("update outcomes set notes = ?", (json.dumps({"response": HOSTILE, HOSTILE: HOSTILE}),))
        ledger.execute("update duels set reasons = ?", (json.dumps([HOSTILE, HOSTILE]),))
        ledger.execute("update calls set error = ?, texts = ?", (HOSTILE, json.dumps([HOSTILE])))
        for seq, body in ledger.execute("select seq, body from events where kind = 'ended'").fetchall():
            ledger.execute(
                "update events set body = ? where seq = ?", (json.dumps({**json.loads(body), "reason": HOSTILE}), seq)
            )
        for name, body in ledger.execute("select id, body from findings").fetchall():
            words = {**json.loads(body), "claim": HOSTILE, "comment": HOSTILE, "refuted_by": HOSTILE}
            ledger.execute("update findings set body = ? where id = ?", (json.dumps(words), name))
        run = ledger.execute("select id from runs").fetchone()[0]
        ledger.execute("insert into inbox (run, text, at) values (?, ?, 1)", (run, HOSTILE))
        ledger.execute(
            "insert into events (run, kind, body, at) values (?, 'heard', ?, 1)",
            (run, json.dumps({"text": HOSTILE, "effect": HOSTILE})),
        )
    ledger.close()
    return home


def test_every_answer_of_the_api_is_of_a_kind_that_no_browser_runs(client: TestClient) -> None:
    run = client.get("/api/runs").json()["runs"][0]["id"]
    number = client.get(f"/api/runs/{run}/archive").json()["cells"][0]
    paths = (
        "",
        "/archive",
        "/curves",
        f"/cells/{number}",
        "/judgements",
        "/export?format=pyrit",
        "/export?format=garak",
    )

    for path in ("/api/runs", *(f"/api/runs/{run}{one}" for one in paths), "/api/runs/%3Cscript%3E"):
        answer = client.get(path)
        assert answer.headers["content-type"].split(";")[0] in ("application/json", "text/plain")
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get(f"/api/runs/{run}/cells/{number}").json()["elite"]["response"] == HOSTILE


def test_nothing_of_it_runs_on_any_page(page: Page, asks: httpx2.Client) -> None:
    run = asks.get("/api/runs").json()["runs"][0]["id"]
    number = asks.get(f"/api/runs/{run}/archive").json()["cells"][0]
    page.on("dialog", lambda box: pytest.fail(f"a dialog: {box.message}"))

    page.goto(f"/runs/{run}?cell={number}")
    expect(page.get_by_role("region", name="A cell")).to_contain_text("<script>window.pwned=1</script>")
    expect(page.locator(".log")).to_contain_text("<script>")
    harmless(page)
    for path in PAGES:
        page.goto(path)
        expect(page.locator("main h1")).to_be_visible()
        page.wait_for_timeout(300)  # what it asks for arrives, and is shown
        harmless(page)


def test_nothing_of_it_runs_in_a_report(page: Page, asks: httpx2.Client, monkeypatch) -> None:
    monkeypatch.setattr("wunderkammer.memory.embedders.MiniLM.installed", staticmethod(lambda: False))
    run = asks.get("/api/runs").json()["runs"][0]["id"]
    address = asks.post(f"/api/runs/{run}/report").json()["files"][0]

    page.goto(address)

    expect(page.locator("body")).to_contain_text("<script>")
    harmless(page)


def harmless(page: Page) -> None:
    """Nothing ran, and no element is there that we did not make."""
    assert page.evaluate("window.pwned") is None
    found = page.evaluate(
        """() => ({
            scripts: [...document.scripts].filter(one => !one.src.startsWith(location.origin + "/static/")).length,
            handlers: document.querySelectorAll("[onerror], [onload], [onclick]").length,
            strangers: document.querySelectorAll("iframe, object, embed, main style, main img[src='x']").length,
            addresses: [...document.querySelectorAll("a[href]")].filter(one => !/^https?:$/.test(one.protocol)).length,
            visible: getComputedStyle(document.body).display,
        })"""
    )
    assert found == {"scripts": 0, "handlers": 0, "strangers": 0, "addresses": 0, "visible": "block"}
