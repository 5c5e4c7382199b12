"""The page of models in a real browser: a question to a role, and a server that is added."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from wunderkammer.core.settings import load


def test_a_role_is_asked_one_question(page: Page) -> None:
    page.goto("/models")
    page.get_by_role("button", name="Test guide").click()
    row = page.get_by_role("row").filter(has_text="guide").first
    expect(row).to_contain_text("keeps to a JSON schema")
    expect(row).to_contain_text("1 attempt")
    page.get_by_role("button", name="Test embedder").click()
    expect(page.get_by_role("row").filter(has_text="embedder").first).to_contain_text("dimensions")


def test_every_server_is_asked_what_it_can_do(page: Page) -> None:
    page.goto("/models")
    page.get_by_role("button", name="Ask every server").click()
    expect(page.get_by_role("table").filter(has_text="can, or why not")).to_contain_text("json schema")


def test_a_server_is_added_by_keys_once_that_is_confirmed(page: Page, config) -> None:
    page.goto("/models")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("second")
    page.keyboard.press("Tab")
    page.keyboard.type("http://127.0.0.1:9/v1")
    page.keyboard.press("Tab")
    page.keyboard.type("SECOND_KEY")
    page.keyboard.press("Enter")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("http://127.0.0.1:9/v1")
    assert "second" not in load(config).servers
    question.get_by_role("button", name="Add it").press("Enter")
    expect(page.get_by_role("table").filter(has_text="$SECOND_KEY (not set)")).to_be_visible()
    assert load(config).servers["second"].key_env == "SECOND_KEY"

    page.get_by_label("Role", exact=True).select_option("judge")
    page.get_by_label("Played by").select_option("second")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("row").filter(has_text="judge").first).to_contain_text("second")
    assert load(config).role("judge").server == "second"


def test_a_key_in_the_place_of_its_name_goes_nowhere(page: Page, config, watched) -> None:
    before = config.read_text()
    page.goto("/models")
    page.get_by_label("Name", exact=True).fill("second")
    page.get_by_label("Address", exact=True).fill("http://127.0.0.1:9/v1")
    page.get_by_label("Variable with the key").fill("sk-live-1234")
    page.get_by_role("button", name="Add the server").click()
    assert page.get_by_label("Variable with the key").evaluate("(field) => field.validity.patternMismatch")
    assert not [url for url in watched.requests if url.endswith("/servers")]
    assert config.read_text() == before
