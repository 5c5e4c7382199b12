"""The chat page in a browser, and what it asks: streams, tools, questions, hostile words, keys alone, reloads."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import APIResponse, Page, Route, expect
from starlette.testclient import TestClient

from stage.guided import Guided
from stage.site import Site, served
from wunderkammer.apps.web.application import application
from wunderkammer.apps.web.door import Door
from wunderkammer.core.settings import Settings
from wunderkammer.models.abilities import Notebook
from wunderkammer.models.rehearsal import Script
from wunderkammer.models.rehearsal.server import Server

HOSTILE = (
    '<img src=x onerror="document.title=1"><script>document.title=1</script> [press](javascript:document.title=1) '
    "[away](http://evil.example/x) [near](//evil.example) **bold `code`** \u202egnp.exe"
)
TABLE = (
    "It has:\n\n| cell | <b>fitness</b> |\n|---|---|\n| Fraud | 0.9 |\n\n1. one\n2. two\n\n"
    "```\n<b>code</b>\n```\n[its page](/runs/latest)"
)
BIG = ("start_run", {"domain": "rainbow-skills", "preset": "smoke", "steps": 500, "calls": 5000})
PLAN = {
    "What is there?": [("list_runs", {}), "There is one run, and it is finished."],
    "Which are best?": [("query_archive", {"count": 5}), "These."],
    "Draw it": [("draw_plot", {"figure": "coverage"}), "Here it is."],
    "Search": [BIG, "Well."],
    "Be evil": [HOSTILE],
    "Find evil": [("find_texts", {"text": HOSTILE}), "Found."],
    "In Markdown": [TABLE],
    "Slowly": ["word " * 200],
}
COMPOSER = "Message to the guide"


@pytest.fixture
def script() -> Script:
    """What the guide's model plays; a test may have another."""
    return Script(player=Guided(PLAN))


@pytest.fixture
def stage(script: Script) -> Iterator[Server]:
    """The guide's model, in a thread of its own: the browser has this one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = Server(script)
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(60)
    yield server
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(60)
    loop.close()


@pytest.fixture
def guided(settings: Settings, stage: Server) -> Settings:
    """Settings in which it plays the guide, and is known to be able to."""
    Notebook(settings.home).learn(stage.url, "rehearsal", {"tools": True, "picks": True})
    return settings.with_role("guide", f"{stage.url}#rehearsal")


@pytest.fixture
def app(guided, config) -> FastAPI:
    return application(guided, Door(), config)


@pytest.fixture
def site(guided, config) -> Iterator[Site]:
    with served(lambda port: application(guided, Door(port=port), config)) as found:
        yield found


def say(page: Page, words: str) -> None:
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    page.get_by_label(COMPOSER).fill(words)
    page.keyboard.press("Enter")


# ---- in a browser ----------------------------------------------------------------------------------------------------


def test_a_reply_is_streamed_with_its_tools_folded_and_its_picture_shown(page: Page) -> None:
    page.goto("/chat")
    say(page, "What is there?")
    tool = page.locator(".tool details")
    expect(tool).to_contain_text("list runs")
    expect(page.locator(".guide")).to_have_text("There is one run, and it is finished.")
    expect(tool).not_to_have_attribute("open", "")
    tool.locator("summary").click()
    expect(tool.get_by_role("cell", name="finished")).to_be_visible()
    expect(tool.get_by_role("link").first).to_have_attribute("href", re.compile("^/runs/[0-9a-f]+$"))
    expect(page.locator("nav.threads [aria-current=page]")).to_contain_text("What is there?")
    assert "/chat/web-" in page.url
    say(page, "Which are best?")
    snippets = page.locator(".snippets li")
    expect(snippets).to_have_count(3)
    expect(snippets.first.get_by_role("link")).to_contain_text(" × ")
    say(page, "Draw it")
    expect(page.locator(".guide").last).to_have_text("Here it is.")
    picture = page.locator("figure.plot img")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.complete && one.naturalWidth > 0")


def test_what_is_costly_is_asked_for_with_buttons(page: Page, started) -> None:
    page.goto("/chat/t")
    say(page, "Search")
    question = page.get_by_role("group", name="Question")
    expect(question).to_contain_text("may take up to 5000 calls")
    question.get_by_role("button", name="No").click()
    expect(page.locator(".guide")).to_have_text("Well.")
    expect(page.get_by_role("button", name="Yes, do it")).to_have_count(0)
    assert started == []


def test_a_question_is_still_there_after_a_reload(page: Page, started) -> None:
    page.goto("/chat/t")
    say(page, "Search")
    expect(page.get_by_role("button", name="Yes, do it")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.locator(".guide")).to_have_text("Well.")
    assert len(started) == 1


def test_keys_alone_are_enough(page: Page, started) -> None:
    page.goto("/chat/t")
    expect(page.get_by_label(COMPOSER)).to_be_focused()
    page.keyboard.type("/dom")
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("rainbow-sk")
    page.keyboard.press("Tab")
    expect(page.get_by_label(COMPOSER)).to_have_value("/domain rainbow-skills")
    page.keyboard.press("Enter")
    expect(page.locator(".answer h3")).to_contain_text("rainbow-skills")
    expect(page.get_by_label(COMPOSER)).to_be_focused()
    page.keyboard.type("Search")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Yes, do it")).to_be_visible()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="No", exact=True)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".guide")).to_have_text("Well.")
    assert len(started) == 1


def test_hostile_words_are_words_and_markdown_is_elements(page: Page) -> None:
    page.goto("/chat/t")
    say(page, "Be evil")
    reply = page.locator(".guide")
    expect(reply).to_contain_text("<img src=x onerror=")
    expect(reply).to_contain_text("press (javascript:document.title=1)")
    expect(reply.locator("strong")).to_have_text("bold code")
    assert reply.locator("a, img, script").count() == 0
    say(page, "In Markdown")
    reply = page.locator(".guide").last
    expect(reply.get_by_role("columnheader", name="<b>fitness</b>")).to_be_visible()
    expect(reply.get_by_role("cell", name="Fraud")).to_be_visible()
    expect(reply.locator("ol li")).to_have_text(["one", "two"])
    expect(reply.locator("pre code")).to_have_text("<b>code</b>")
    expect(reply.get_by_role("link", name="its page")).to_have_attribute("href", "/runs/latest")
    say(page, HOSTILE)
    expect(page.locator(".user").last).to_contain_text("<script>")
    assert page.locator(".said img, .said script").count() == 0
    page.reload()
    expect(page.locator(".guide").first).to_contain_text("<img src=x")
    expect(page).to_have_title("Chat · Wunderkammer")


@pytest.mark.parametrize("script", [Script(player=Guided(PLAN), latency=3.0, sigma=0.0)])
def test_a_reload_in_the_middle_loses_nothing(page: Page) -> None:
    page.goto("/chat/t")
    say(page, "Slowly")
    page.locator(".guide", has_text="word").wait_for()
    page.reload()
    expect(page.locator(".user")).to_have_text("Slowly")
    expect(page.locator(".guide:not(.live)")).to_contain_text("word word")
    assert (page.locator(".guide").inner_text().count("word"), page.locator(".user").count()) == (200, 1)


@pytest.mark.parametrize("script", [Script(player=Guided(PLAN), latency=40.0, sigma=0.0)])
def test_a_reply_can_be_stopped_and_gone_on_with(page: Page) -> None:
    # Words come for twenty seconds: a busy machine has to find the button within them.
    page.goto("/chat/t")
    say(page, "Slowly")
    page.locator(".guide.live", has_text="word").wait_for()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped.")).to_be_visible()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_visible()


@pytest.mark.parametrize("script", [Script(player=Guided(PLAN), latency=40.0, sigma=0.0)])
def test_words_said_before_the_page_is_told_how_things_stand_are_at_work_all_the_same(page: Page) -> None:
    late: list[tuple[Route, APIResponse]] = []
    page.route(re.compile("/api/chat/threads/t$"), lambda route: late.append((route, route.fetch())))
    page.goto("/chat/t")
    say(page, "Slowly")
    page.wait_for_timeout(500)
    for route, answer in late:
        route.fulfill(response=answer)
    expect(page.locator(".user")).to_have_text("Slowly")
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Stop").click(timeout=15_000)
    expect(page.get_by_text("Stopped.")).to_be_visible()


def test_two_threads_are_two_conversations(page: Page) -> None:
    page.goto("/chat")
    page.get_by_role("button", name="/runs").click()
    expect(page.locator(".answer")).to_be_visible()
    page.get_by_role("link", name="New conversation").click()
    page.get_by_role("button", name="/spend").click()
    expect(page.locator(".answer")).to_contain_text("spent on everything")
    page.get_by_role("navigation", name="Conversations").get_by_role("link", name="/runs").click()
    expect(page.locator(".answer")).to_contain_text("1 run")
    expect(page.locator(".user")).to_have_text("/runs")
    say(page, "/domain nowhere")
    expect(page.get_by_role("alert")).to_contain_text("nowhere")


# ---- asked by a program ----------------------------------------------------------------------------------------------


def told(client, thread: str) -> dict:
    """A thread, once nothing is in hand."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = client.get(f"/api/chat/threads/{thread}").json()
        if found["standing"] != "working":
            return found
        time.sleep(0.02)
    raise AssertionError("it never rests")


def test_a_server_that_is_added_plays_the_guide_at_once(settings, config, stage) -> None:
    Notebook(settings.home).learn(stage.url, "rehearsal", {"tools": True, "picks": True})
    headers = {"x-wunder": "1"}
    with TestClient(application(settings, Door(), config), base_url="http://127.0.0.1:8700", headers=headers) as client:
        client.post("/api/chat/threads/t/say", json={"words": "What is there?"})
        before = told(client, "t")["entries"][-1]["saying"]
        server = {"name": "second", "url": stage.url, "confirmed": True}
        assert client.post("/api/models/servers", json=server).status_code == 200
        part = {"role": "guide", "server": "second", "model": "rehearsal"}
        assert client.post("/api/models/roles", json=part).status_code == 200
        client.post("/api/chat/threads/t/say", json={"words": "What is there?"})
        after = told(client, "t")["entries"][-1]["saying"]

    assert before["words"] != after["words"] == "There is one run, and it is finished."


def test_a_program_speaks_and_asks_later(client) -> None:
    begun = client.post("/api/chat/threads/t/say", json={"words": "What is there?"})
    found = told(client, "t")
    followed = client.get("/api/chat/threads/t/follow").text
    again = client.get("/api/chat/threads/t/follow", params={"after": f"{begun.json()['turn']}:999"}).text

    assert begun.status_code == 202
    assert [one["saying"]["kind"] for one in found["entries"]] == ["user", "used", "guide"]
    assert followed.count("event: saying") > 4
    assert again.count("event: saying") == 1
    assert '"kind":"ended"' in again


@pytest.mark.parametrize("words", ["", "   ", "x" * 8001, None, 7])
def test_words_that_are_none_are_refused(client, words) -> None:
    answer = client.post("/api/chat/threads/t/say", json={"words": words})

    assert answer.status_code == 422
    assert "words" in answer.json()["error"]


def test_a_thread_has_a_name(client) -> None:
    answer = client.get("/api/chat/threads/a b")

    assert (answer.status_code, "letters, digits" in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize("name", ["..%2f..%2fwunder.toml", "x.svg.txt", "no.svg", "%2e%2e.svg", "a%00.svg"])
def test_only_plots_are_served(client, home, name) -> None:
    assert client.get(f"/api/chat/plots/{name}").status_code == 404


def test_a_plot_runs_nothing(client, home) -> None:
    (home / "plots").mkdir()
    (home / "plots" / "x.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    (home / "plots" / "link.svg").symlink_to(home / "ledger.db")
    answer = client.get("/api/chat/plots/x.svg")

    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert client.get("/api/chat/plots/link.svg").status_code == 404
