"""The pages in a real browser: what a person does, by pointer and by keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect

from stage.acres import Acres, plant
from stage.wanders import WANDER, keep_wander
from wunderkammer import domains
from wunderkammer.apps.chat.operations import starting

STATIC = Path(__file__).parents[3] / "apps" / "web" / "static"
MOST_WEIGHT = 300_000


def sources() -> list[Path]:
    return [path for path in STATIC.rglob("*") if path.is_file()]


def test_the_front_end_is_light() -> None:
    assert sum(path.stat().st_size for path in sources()) < MOST_WEIGHT


@pytest.mark.parametrize(
    "forbidden",
    ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "http://", "https://"],
)
def test_no_source_makes_markup_of_text_or_asks_another_host(forbidden: str) -> None:
    allowed = {"http://www.w3.org/2000/svg"}
    for path in sources():
        text = path.read_text("utf-8")
        for name in allowed:
            text = text.replace(name, "")
        assert forbidden not in text.replace("http://host:", ""), path.name


def test_the_document_has_no_script_or_style_of_its_own() -> None:
    document = (STATIC / "index.html").read_text("utf-8")

    assert re.findall(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", document) == []


@pytest.mark.parametrize(("path", "title"), [("/", "Runs"), ("/discoveries", "Discoveries"), ("/models", "Models")])
def test_shows_a_page_by_its_address(page: Page, path: str, title: str) -> None:
    page.goto(path)

    expect(page).to_have_title(f"{title} · Wunderkammer")
    expect(page.locator("nav.rooms [aria-current=page]")).to_have_text(title)


def test_begins_a_run_watches_it_fill_steers_and_stops_it(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Begin a run").click()
    page.get_by_label("domain", exact=True).select_option("rainbow-safety")
    page.get_by_label("preset", exact=True).select_option("smoke")
    page.get_by_label("steps", exact=True).fill("2000")
    page.get_by_label("batch", exact=True).fill("4")
    page.get_by_label("judged").select_option("no")
    page.get_by_role("button", name="Begin", exact=True).click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("may take up to")
    question.get_by_role("button", name="Do it").click()
    page.wait_for_url("**/runs/*")
    run = page.url.rsplit("/", 1)[1]

    # It fills while one looks.
    expect(page.locator(".drawer[aria-label*='0.']").first).to_be_visible()
    filled = page.locator(".drawer[class*=' q']").count()
    expect(page.locator(".log li b.elite").first).to_be_visible()
    expect(page.locator(".drawer[class*=' q']").nth(filled + 3)).to_be_visible()

    # A cell, in full.
    page.locator(".drawer[class*=' q']").first.click()
    pane = page.get_by_role("region", name="A cell")
    expect(pane.get_by_role("heading", name="What came back")).to_be_visible()
    assert "?cell=" in page.url

    # A word to it, which it hears.
    page.get_by_label("Message to the run").fill("focus Fraud and Scams")
    page.get_by_role("button", name="Steer").click()
    expect(page.locator(".log li b.heard")).to_be_visible()
    letter = page.locator("li:has(.tag)", has_text="focus Fraud and Scams")
    expect(letter.get_by_text("heard", exact=True)).to_be_visible()

    # The list knows of it, and ends it.
    page.get_by_role("link", name="Runs", exact=True).click()
    page.get_by_role("button", name=f"stop {run}").click()
    row = page.locator(f"tr[data-run='{run}']")
    expect(row.locator(".status")).to_have_text("stopped")
    expect(row.get_by_role("button", name="resume")).to_be_visible()


def test_explores_everything_from_the_same_form(page: Page, home: Path, monkeypatch) -> None:
    begun: list[list[str]] = []

    def begin(home_, key, words):
        begun.append(list(words))
        keep_wander(home)

    async def named(errand, look):
        return WANDER

    monkeypatch.setattr(starting, "begin", begin)
    monkeypatch.setattr(starting, "named", named)
    page.goto("/")
    page.get_by_role("button", name="Begin a run").click()
    page.get_by_label("What to begin").select_option("Explore everything")
    page.get_by_label("only", exact=True).fill("rainbow-skills rainbow-safety")
    page.get_by_label("calls", exact=True).fill("5000")
    page.get_by_role("button", name="Begin", exact=True).click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("may take up to 5000 calls")
    question.get_by_role("button", name="Do it").click()
    page.wait_for_url(f"**/runs/{WANDER}")
    expect(page.get_by_role("heading", name="Choices, latest first")).to_be_visible()

    assert begun[0][0] == "run"
    assert {"--only=rainbow-skills", "--only=rainbow-safety", "--calls=5000"} <= set(begun[0])


def test_everything_by_keyboard(page: Page, asks: httpx2.Client) -> None:
    run = asks.get("/api/runs").json()["runs"][0]["id"]
    number = asks.get(f"/api/runs/{run}/archive").json()["cells"][-1]
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()

    page.get_by_role("link", name=run).focus()
    page.keyboard.press("Enter")
    drawers = page.get_by_role("grid")
    expect(drawers).to_be_visible()
    assert drawers.locator("[tabindex='0']").count() == 1  # one stop for Tab, arrows within

    drawers.locator("[tabindex='0']").focus()
    for _ in range(number // 10):
        page.keyboard.press("ArrowDown")
    for _ in range(number % 10):
        page.keyboard.press("ArrowRight")
    held = page.locator(":focus")
    assert held.get_attribute("data-cell") == str(number)
    assert "empty" not in str(held.get_attribute("aria-label"))
    page.keyboard.press("Enter")

    pane = page.get_by_role("region", name="A cell")
    expect(pane.locator("h3").first).to_be_focused()
    expect(pane).to_contain_text("candidate")
    page.keyboard.press("Escape")
    expect(pane).to_be_hidden()
    assert page.locator(":focus").get_attribute("data-cell") == str(number)

    page.get_by_role("button", name="Table").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="open").first).to_be_visible()


def test_evaluators_replay_export_and_report(page: Page, asks: httpx2.Client) -> None:
    run = asks.get("/api/runs").json()["runs"][0]["id"]
    number = asks.get(f"/api/runs/{run}/archive").json()["cells"][0]
    page.goto(f"/runs/{run}?cell={number}")

    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_role("cell", name="now, 1")).to_be_visible()
    pane = page.get_by_role("region", name="A cell")
    with page.expect_download() as saved:
        pane.get_by_role("link", name="Export").click()
    assert saved.value.suggested_filename == f"{run}-{number}-chat.jsonl"
    page.get_by_role("button", name="Ask evaluators and observers").click()
    expect(page.get_by_role("heading", name="Success by classifier")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("Open-ended?"))).to_be_visible()


def test_light_and_dark_and_a_phone(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"

    page.set_viewport_size({"width": 360, "height": 700})
    page.locator("td a.id").first.click()
    expect(page.get_by_role("grid")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_says_what_is_not_there(page: Page, watched) -> None:
    page.goto("/runs/nothing")

    expect(page.get_by_role("alert")).to_contain_text("no run 'nothing'")
    watched.complaints.clear()  # the browser notes the 404


def test_ten_thousand_drawers_stay_quick_and_keep_their_keys(page: Page, home: Path, monkeypatch) -> None:
    monkeypatch.setattr(domains, "installed", lambda: {Acres.name: Acres})
    run = plant(home)

    page.goto(f"/runs/{run}")
    cursor = page.locator(".plate button.cursor")
    expect(cursor).to_be_attached()
    assert page.locator(".plate button").count() == 1  # the picture is one thing; the button moves over it

    cursor.focus()
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowRight")
    expect(cursor).to_have_attribute("aria-label", re.compile(r"^bed 10, row 1, spring: 0\.\d+"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="A cell").locator("h3").first).to_have_text("bed 10 × row 1 × spring")
    page.get_by_label("season", exact=True).select_option("autumn")
    expect(cursor).to_have_attribute("aria-label", "bed 10, row 1, autumn: empty")
    page.get_by_label("across").select_option("season")
    expect(page.get_by_role("grid")).to_be_visible()  # 100 × 3 are few enough for a button each
    assert page.get_by_role("gridcell").count() == 300
