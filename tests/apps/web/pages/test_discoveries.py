"""The page of discoveries in a real browser: filters, evidence, the map."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from stage.peepshow import discoveries


@pytest.fixture
def found(home):
    return discoveries(home, "bee5e0001234")


def test_findings_are_filtered_as_one_types(found, page: Page) -> None:
    page.goto("/discoveries")
    expect(page.get_by_role("status").first).to_contain_text("found, newest first")
    page.get_by_label("About").select_option("soil")
    expect(page.locator("li.finding")).to_have_count(3)
    page.get_by_label("Verdict").select_option("refuted")
    expect(page.locator("li.finding")).to_have_count(1)
    expect(page.locator("li.finding .verdict")).to_have_text("refuted")
    expect(page.get_by_role("img", name="difference")).to_be_visible()
    page.get_by_label("Words").fill("nothing like it")
    expect(page.get_by_role("status").first).to_contain_text("Nothing that was found fits")


def test_words_of_models_stay_words(found, page: Page) -> None:
    page.goto("/discoveries?text=onerror")
    expect(page.locator("li.finding")).to_have_count(2)
    page.get_by_text("What it rests on").last.click()
    expect(page.get_by_text("<script>").first).to_be_visible()
    assert page.locator("li.finding img, li.finding script").count() == 0
    assert page.evaluate("document.body.dataset.hurt") is None


def test_a_finding_leads_to_its_evidence(page: Page) -> None:
    page.goto("/discoveries")
    first = page.locator("li.finding").first
    first.get_by_text("What it rests on").click()
    first.get_by_role("button", name="Check it").click()
    expect(first).to_contain_text("Every figure follows from the ledger.")
    expect(first.get_by_text("wunder findings check")).to_be_visible()
    first.locator("dd a[href*='cell=']").first.click()
    expect(page).to_have_url(re.compile(r"/runs/\w+\?cell=\d+$"))
    expect(page.get_by_role("region", name="A cell")).to_be_visible()


def test_a_click_on_the_map_reads_what_is_there(page: Page) -> None:
    page.goto("/discoveries")
    canvas = page.get_by_role("application")
    canvas.scroll_into_view_if_needed()
    told = page.evaluate("fetch('/api/memory/map').then((answer) => answer.json())")
    box = canvas.bounding_box()
    side = min(box["width"], box["height"]) - 2 * 18 - 2  # without its edge and border
    x = box["x"] + box["width"] / 2 + (told["x"][3] / 1000 - 0.5) * side
    y = box["y"] + box["height"] / 2 + (0.5 - told["y"][3] / 1000) * side
    page.mouse.click(x, y)
    expect(page.locator(".atlas pre").first).to_contain_text("[")
    expect(page.locator(".atlas dl a")).to_be_visible()


def test_the_map_is_walked_by_keys_and_searched(page: Page) -> None:
    page.goto("/discoveries")
    canvas = page.get_by_role("application")
    canvas.focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(".atlas pre").first).to_be_visible()
    page.get_by_label("Colour").select_option("time")
    expect(page.locator(".atlas .legend .ramp i")).to_have_count(10)
    page.get_by_label("Near in meaning to").fill("a refund")
    page.keyboard.press("Enter")
    expect(page.get_by_role("table")).to_contain_text("rainbow-safety")
    page.get_by_role("table").get_by_role("button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".atlas pre").first).to_be_visible()
