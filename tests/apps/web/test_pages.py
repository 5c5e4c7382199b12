"""The frame of the pages in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize(("path", "title"), [("/", "Runs"), ("/discoveries", "Discoveries"), ("/models", "Models")])
def test_shows_a_page_by_its_address(page: Page, path: str, title: str) -> None:
    page.goto(path)
    expect(page).to_have_title(f"{title} · Wunderkammer")
    expect(page.locator("nav.rooms [aria-current=page]")).to_have_text(title)
