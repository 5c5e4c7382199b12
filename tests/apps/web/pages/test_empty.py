"""Pages where there is nothing yet: each says what to do to get something."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty one."""
    found = tmp_path / "home"
    found.mkdir()
    return found


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/discoveries", ("Nothing discovered yet", "wunder study", "Nothing is remembered yet")),
        ("/worlds", ("No worlds yet",)),
        ("/jobs", ("The bench is empty", "wunder jobs run", "No GPU is seen")),
        ("/models", ("None yet: wunder harden",)),
    ],
)
def test_an_empty_page_says_what_to_do(page: Page, path: str, words: tuple[str, ...]) -> None:
    page.goto(path)
    for one in words:
        expect(page.locator("main")).to_contain_text(one)
