"""A log as it grows: nothing is lost, nothing is too much at once."""

from __future__ import annotations

import asyncio

import pytest

from wunderkammer.apps import joblog
from wunderkammer.core.work import Job, Standing
from wunderkammer.jobs.folder import Folder


class Clerk:
    """A dispatcher that says a job is over when it is told to."""

    def __init__(self) -> None:
        self.over = False

    async def standing(self, job: str) -> Standing:
        return Standing(job=Job(module="x"), status="done" if self.over else "running", submitted=0.0)


@pytest.fixture
def clerk(monkeypatch) -> Clerk:
    found = Clerk()
    monkeypatch.setattr(joblog, "dispatcher", lambda settings: found)
    monkeypatch.setattr(joblog, "PAUSE", 0.005)
    return found


async def test_what_is_added_is_told_until_the_end(tmp_path, clerk) -> None:
    folder = Folder(tmp_path)
    folder.log.write_text("a\nb\nc\n")
    told: list[str] = []

    async def listen() -> None:
        async for words in joblog.follow(None, folder, 2):
            told.append(words)

    task = asyncio.create_task(listen())
    await _until(lambda: told == ["b\nc\n"])
    with folder.log.open("ab") as log:
        log.write(b"gr" + "ü".encode()[:1])
        log.flush()
        await _until(lambda: "gr" in told)
        log.write("ü".encode()[1:] + b"n\n")
    clerk.over = True
    await asyncio.wait_for(task, 60)

    assert "".join(told[1:]) == "grün\n"


async def test_who_is_far_behind_is_told_how_much_is_left_out(tmp_path, clerk) -> None:
    folder = Folder(tmp_path)
    listener = joblog.follow(None, folder, 5)
    waiting = asyncio.create_task(anext(listener))
    await asyncio.sleep(0.01)
    whole = tmp_path / "whole"
    whole.write_bytes(b"x" * (joblog.BEHIND + joblog.BITE + 7))
    whole.rename(folder.log)  # in one piece: it is read from a thread meanwhile
    clerk.over = True
    words = [await asyncio.wait_for(waiting, 60), *[more async for more in listener]]

    assert words[0] == f"\n… {joblog.BEHIND + 7} bytes left out …\n"
    assert "".join(words[1:]) == "x" * joblog.BITE


async def test_without_following_it_ends_at_once(tmp_path, clerk) -> None:
    folder = Folder(tmp_path)
    folder.log.write_text("a\nb")

    assert [words async for words in joblog.follow(None, folder, 1, on=False)] == ["b\n"]
    assert [words async for words in joblog.follow(None, Folder(tmp_path / "none"), 1, on=False)] == []


async def _until(done) -> None:
    for _ in range(12_000):
        if done():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come")
