"""Jobs, asked for: the list, one job, its log as it grows, cancelling."""

from __future__ import annotations

import json
import time

import pytest

from stage.peepshow import HOSTILE
from stage.submitting import submitting
from wunderkammer.apps import jobview


@pytest.fixture
def jobs(settings):
    """Submits jobs."""
    with submitting(settings) as submit:
        yield submit


def test_there_is_nothing_at_first(client, settings) -> None:
    assert client.get("/api/jobs").json() == {"dispatcher": "local", "counts": {}, "jobs": []}
    assert not (settings.home / "jobs").exists()
    assert client.get("/api/jobs/latest").status_code == 404
    assert isinstance(client.get("/api/gpus").json(), list)


def test_a_job_is_listed_shown_and_read(jobs, client) -> None:
    name = jobs(title=f"a note {HOSTILE}")
    told = client.get("/api/jobs").json()
    (line,) = told["jobs"]
    sight = client.get(f"/api/jobs/{name[:6]}").json()

    assert told["counts"] == {"done": 1}
    assert (line["id"], line["status"], line["step"], line["of"]) == (name, "done", 1, 2)
    assert line["title"] == f"a note {HOSTILE}"
    assert line["how_far"] == "1 of 2, loss 0.5, note"
    assert sight["curves"] == {"loss": [[1, 0.5]]}
    assert "below/words.txt" in [one["name"] for one in sight["files"]]
    assert sight["result"]["seed"] == 0
    assert client.get("/api/jobs", params={"status": "failed"}).json()["jobs"] == []


def test_a_job_is_cancelled_and_queued_again(jobs, client) -> None:
    name = jobs("count", wait=False, stays=True)
    ended = client.post(f"/api/jobs/{name}/cancel").json()
    again = client.post(f"/api/jobs/{name}/retry").json()

    assert ended["status"] == "cancelled"
    assert again["status"] in ("queued", "running")
    assert client.post(f"/api/jobs/{name}/cancel").json()["status"] == "cancelled"
    assert client.post("/api/jobs/zz/cancel").status_code == 404


def test_a_log_is_followed_until_the_job_is_over(jobs, client, settings, monkeypatch) -> None:
    name = jobs("shout")
    log = jobview.folder_of(settings, name).log
    log.write_text(f"one\n{HOSTILE}\nlast words", "utf-8")
    events = [part.split("\r\n") for part in client.get(f"/api/jobs/{name}/log?lines=2").text.split("event: ")[1:]]
    told = [(kind, json.loads(data.removeprefix("data: "))) for kind, data, *_ in events]

    assert told == [("begin", name), ("words", f"{HOSTILE}\nlast words\n"), ("end", name)]


def test_figures_that_are_none_are_no_server_error(jobs, client, settings) -> None:
    name = jobs()
    folder = jobview.folder_of(settings, name)
    with folder.progress.open("a") as told:
        told.write(
            json.dumps({"at": time.time(), "step": 2, "figures": {"loss": float("nan"), "rate": float("inf")}}) + "\n"
        )
    (folder.out / "result.json").write_text('{"loss": NaN}')

    assert client.get(f"/api/jobs/{name}").status_code == 200
    assert client.get("/api/jobs").status_code == 200
