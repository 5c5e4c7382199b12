"""The page of worlds in a real browser: pictures, one of them in full, and one that was made to hurt."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from stage.peepshow import exhibit, install


@pytest.fixture
def run(home, monkeypatch) -> str:
    install(monkeypatch)
    return exhibit(home)


def test_worlds_hang_as_pictures_and_open(run, page: Page) -> None:
    page.goto("/worlds")
    frames = page.locator(".frame")
    expect(page.get_by_role("status")).to_contain_text(f"that run {run} found")
    expect(frames.first.locator("img")).to_have_js_property("complete", True)
    assert frames.first.locator("img").evaluate("(image) => image.naturalWidth") > 0
    frames.nth(1).click()
    world = page.get_by_role("dialog")
    expect(world.get_by_role("img", name="A grid")).to_be_visible()
    expect(world.get_by_role("img", name="The way through")).to_be_visible()
    expect(world).to_contain_text("turns")
    expect(world.locator("pre").first).to_contain_text("#")
    page.keyboard.press("Escape")
    expect(world).to_have_count(0)


def test_worlds_are_opened_by_keys_and_ordered(run, page: Page) -> None:
    page.goto("/worlds")
    page.locator(".frame").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("button", name="Close").press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_label("Order").select_option("newest")
    expect(page).to_have_url(re.compile("order=newest$"))
    expect(page.get_by_label("Order")).to_have_value("newest")


def test_a_hostile_picture_does_nothing(run, page: Page, watched) -> None:
    page.goto("/worlds?order=newest")
    page.locator(".frame").first.click()
    world = page.get_by_role("dialog")
    expect(world.locator("figcaption").first).to_contain_text("<script>")
    expect(world).to_contain_text("onerror")
    assert world.locator("figcaption img, script, dd img").count() == 0
    assert page.evaluate("document.body.dataset.hurt") is None

    page.goto(str(world.locator("figure img").first.get_attribute("src")))
    assert page.evaluate("document.documentElement.dataset.hurt") is None
    assert all("Content Security Policy" in one or "sandboxed" in one for one in watched.complaints), watched.complaints
    watched.complaints.clear()  # the browser said that it blocked something, as it should
