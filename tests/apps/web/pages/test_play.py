"""The page of games in a real browser: by keys and by buttons, from a frame, a picture and a sketch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from stage.playhouse import install
from stage.square import png
from stage.submitting import submitting
from wunderkammer.domains.genie import shipped


@pytest.fixture(autouse=True)
def nothing_shipped(monkeypatch, tmp_path) -> None:
    """Only what the tests leave can be played."""
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "learned")


@pytest.fixture
def games(settings, monkeypatch):
    """Leaves games; before the browser is opened."""
    install(monkeypatch)
    with submitting(settings) as submit:
        yield lambda mood="": submit(title=f"a game, {mood}" if mood else "a game")


@pytest.fixture
def game(games) -> str:
    return str(games())


@pytest.fixture
def dying(games) -> str:
    return str(games("dying"))


@pytest.fixture
def bare(games) -> str:
    return str(games("bare"))


def begin(page: Page) -> None:
    page.goto("/play")
    page.get_by_role("button", name="Begin", exact=True).click()
    expect(page.get_by_text("0 steps")).to_be_visible()


def test_nothing_to_play_says_so(page: Page) -> None:
    page.goto("/play")
    expect(page.get_by_role("heading", name="No world to play yet")).to_be_visible()


def test_a_game_is_played_by_keys_beside_the_truth(game, page: Page) -> None:
    begin(page)
    stage = page.get_by_label("The game")
    expect(stage).to_be_focused()
    world = page.get_by_alt_text("The world as it was imagined")
    before = world.get_attribute("src")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("1 step", exact=True)).to_be_visible()
    assert world.get_attribute("src") != before
    expect(page.get_by_alt_text("The true game after the same actions")).to_be_visible()
    expect(page.get_by_text("The true square")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_text("2 steps")).to_be_visible()
    assert world.get_attribute("src") == before
    page.keyboard.press("u")
    expect(page.get_by_text("1 step", exact=True)).to_be_visible()


def test_a_key_that_is_held_goes_on_and_says_how_fast(game, page: Page) -> None:
    begin(page)
    page.keyboard.down("8")
    expect(page.get_by_text(re.compile(r"^[\d.]+ frames a second$"))).to_be_visible()
    page.keyboard.up("8")
    assert int(page.get_by_text(re.compile(r"^\d+ steps$")).inner_text().split()[0]) > 1


def test_buttons_undo_and_the_clip(game, page: Page) -> None:
    begin(page)
    assert page.get_by_role("button", name=re.compile("^Action ")).count() == 8
    page.get_by_role("button", name="Action 4").click()
    expect(page.get_by_text("1 step", exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("0 steps")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save the clip").click()
    assert saved.value.suggested_filename == "played.gif"


def test_it_begins_from_a_frame_a_picture_or_a_sketch(game, page: Page, tmp_path: Path) -> None:
    begin(page)
    world = page.get_by_alt_text("The world as it was imagined")
    first = world.get_attribute("src")
    page.get_by_role("button", name="Frame 2").click()
    expect(world).not_to_have_attribute("src", str(first))
    (tmp_path / "mine.png").write_bytes(png(3, 3))
    page.get_by_label("A picture of yours").set_input_files(tmp_path / "mine.png")
    page.get_by_role("button", name="Play the picture").click()
    expect(page.get_by_alt_text("The true game after the same actions")).to_be_hidden()
    page.get_by_role("button", name="Frame 2").click()
    expect(page.get_by_alt_text("The true game after the same actions")).to_be_visible()
    pad = page.get_by_label("Sketch pad")
    before = pad.evaluate("one => one.toDataURL()")
    pad.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    assert pad.evaluate("one => one.toDataURL()") != before
    page.get_by_role("button", name="Play the sketch").click()
    expect(page.get_by_alt_text("The true game after the same actions")).to_be_hidden()


def test_a_file_that_is_no_picture_is_said_to_be_none(game, page: Page, tmp_path: Path) -> None:
    begin(page)
    (tmp_path / "words.png").write_text("no picture")
    page.get_by_label("A picture of yours").set_input_files(tmp_path / "words.png")
    page.get_by_role("button", name="Play the picture").click()
    expect(page.get_by_role("alert")).to_have_text("This file is no picture that the browser can show.")


def test_a_game_that_dies_says_why_and_hostile_titles_are_words(dying, page: Page, watched) -> None:
    begin(page)
    expect(page.get_by_label("World")).to_contain_text("<script>")
    page.keyboard.press("2")
    expect(page.get_by_role("alert")).to_have_text("the game has ended: out of memory")
    assert page.evaluate("document.body.dataset.hurt") is None
    watched.complaints.clear()  # the browser notes the 409


def test_a_world_without_data_begins_from_a_sketch(bare, page: Page) -> None:
    page.goto("/play")
    page.get_by_role("button", name="Begin", exact=True).click()
    page.get_by_role("button", name="Play the sketch").click()
    expect(page.get_by_text("0 steps")).to_be_visible()
