"""The page of jobs in a real browser: the queue, a log as it grows, a job that is cancelled."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from stage.peepshow import HOSTILE
from stage.submitting import submitting
from wunderkammer.apps import jobview


@pytest.fixture
def jobs(settings):
    with submitting(settings) as submit:
        yield submit


@pytest.fixture
def resting(jobs) -> str:
    """A job that goes on until somebody ends it."""
    return jobs("count", wait=False, stays=True, title="a long count")


@pytest.fixture
def spoken(jobs, settings) -> str:
    """A job with a curve, whose log and title were made to hurt."""
    name = jobs(title=f"a note {HOSTILE}")
    folder = jobview.folder_of(settings, name)
    lines = [{"at": 1.0, "step": step, "of": 40, "figures": {"loss": 1 / step}} for step in range(1, 41)]
    folder.progress.write_text("".join(json.dumps(one) + "\n" for one in lines))
    folder.log.write_text(f"begun\n{HOSTILE}\nended\n")
    return name


def test_a_job_is_cancelled_once_that_is_confirmed(resting, page: Page) -> None:
    page.goto("/jobs")
    page.get_by_role("link", name="a long count").click()
    expect(page.locator(".head .status")).to_have_text("running")
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Cancel…")).to_be_enabled()
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(page.locator(".head .status")).to_contain_text("cancelled")
    expect(page.get_by_role("button", name="Queue it again…")).to_be_visible()


def test_a_job_is_cancelled_by_keys_alone(resting, page: Page) -> None:
    page.goto("/jobs")
    page.get_by_role("link", name="a long count").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Cancel…").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="End it").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".head .status")).to_contain_text("cancelled")


def test_a_log_grows_while_one_looks(resting, settings, page: Page) -> None:
    page.goto(f"/jobs/{resting}")
    log = page.get_by_role("log")
    with jobview.folder_of(settings, resting).log.open("a") as out:
        out.write("a line of its own\n")
    expect(log).to_contain_text("a line of its own")
    with jobview.folder_of(settings, resting).log.open("a") as out:
        out.write("and another\n")
    expect(log).to_contain_text("and another")


def test_curves_and_words_that_were_made_to_hurt(spoken, page: Page) -> None:
    page.goto("/jobs")
    expect(page.get_by_role("table")).to_contain_text("<script>")
    page.get_by_role("link", name="a note").click()
    expect(page.get_by_role("img", name="loss")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text(HOSTILE)
    expect(page.get_by_text("below/words.txt")).to_be_visible()
    assert page.locator("main script, main pre img, main h1 img").count() == 0
    assert page.evaluate("document.body.dataset.hurt") is None
