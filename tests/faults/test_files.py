"""Homes that cannot be written, are full, locked, damaged or somebody else's: one clear line, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sqlite3
import subprocess
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from stage.lives import Voyage
from stage.story import story, sums


def told(death, words: str) -> None:
    """The run failed, and said so in one line."""
    assert (death.code, death.said.count("\n")) in ((2, 0), (2, 1))
    line = death.ended.reason if death.ended else death.said.strip()
    assert "\n" not in line
    assert len(line) < 500
    assert re.search(words, line), line


@contextmanager
def mounted(place, option: str):
    """A small file system of its own, where this process may make one; yields how to enlarge it."""
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", option, "tmpfs", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("only root can mount a file system")
    try:
        yield lambda size: subprocess.run(["mount", "-o", f"remount,size={size}", place], check=True)
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@pytest.mark.parametrize("room", [150, 600, 1200])
async def test_a_full_disk_is_named_and_with_room_the_run_goes_on(lives, stage, plan, calm, tmp_path, room):
    place = tmp_path / "disk"
    with mounted(place, f"size={room}k") as enlarge:
        async with stage() as server:
            voyage = Voyage(place / "h", plan, server.url)
            death = await lives.whole(voyage)
            told(death, "disk is full|No space left")
            enlarge("64m")
            death = await lives.whole(voyage)
        assert (death.code, death.status, death.said) == (0, "finished", ""), death.ended
        assert calm.differences(story(voyage.home)) == {}


async def test_files_that_may_not_grow_end_the_run_in_one_line(lives, stage, plan, calm, tmp_path):
    async with stage() as server:
        voyage = Voyage(tmp_path / "h", plan, server.url, file_bytes=250_000)
        told(await lives.whole(voyage), "ledger.db|checkpoints.db|vectors")
        voyage = Voyage(tmp_path / "h", plan, server.url)
        assert (await lives.whole(voyage)).status == "finished"
    assert calm.differences(story(voyage.home)) == {}


async def test_a_ledger_that_others_keep_locked_is_named_and_the_run_goes_on_later(lives, stage, plan, calm, tmp_path):
    home = tmp_path / "h"
    short = {"database": f"sqlite:///{home / 'ledger.db'}?timeout=0.5"}
    async with stage(latency=0.02) as server:
        voyage = Voyage(home, plan, server.url, settings=short)
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.total > 100)
        with sqlite3.connect(home / "ledger.db", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            told(await life.death(), "locked by another program")
            told(await lives.whole(voyage), "locked by another program")
        other.close()
        assert (await lives.whole(voyage)).status == "finished"
    assert calm.differences(story(home)) == {}


async def test_a_lock_that_is_let_go_in_time_is_waited_for(lives, stage, plan, calm, tmp_path):
    async with stage(latency=0.02) as server:
        voyage = Voyage(tmp_path / "h", plan, server.url)
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.total > 100)
        with sqlite3.connect(voyage.home / "ledger.db", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(1.5)
            other.execute("ROLLBACK")
        other.close()
        assert (await life.death()).status == "finished"
    assert calm.differences(story(voyage.home)) == {}


@pytest.mark.parametrize("name", ["ledger.db", "checkpoints.db"])
@pytest.mark.parametrize("kind", ["damaged", "foreign"])
async def test_a_file_that_is_not_ours_is_named_and_left_alone(lives, stage, plan, tmp_path, name, kind):
    home = tmp_path / "h"
    home.mkdir()
    if kind == "damaged":
        (home / name).write_bytes(os.urandom(20_000))
    else:
        with sqlite3.connect(home / name) as link:
            link.execute("create table customers (id int)")
        link.close()
    before = (home / name).read_bytes()
    async with stage() as server:
        death = await lives.whole(Voyage(home, plan, server.url))
        assert server.load.total == 0
    told(death, f"{name}.*(damaged|something else)")
    assert (home / name).read_bytes() == before


async def test_a_ledger_that_was_damaged_between_two_lives_is_named(lives, stage, plan, tmp_path):
    async with stage(latency=0.02) as server:
        voyage = Voyage(tmp_path / "h", plan, server.url)
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.total > 150)
        life.signal(signal.SIGKILL)
        await life.death()
        (voyage.home / "ledger.db-wal").unlink()  # else it mends what we break
        with (voyage.home / "ledger.db").open("r+b") as file:
            file.write(os.urandom(8192))
        told(await lives.whole(voyage), "ledger.db.*damaged")


async def test_checkpoints_that_are_lost_cost_nothing(lives, stage, plan, calm, tmp_path):
    async with stage(latency=0.02) as server:
        port = urlsplit(server.url).port
        voyage = Voyage(tmp_path / "h", plan, server.url)
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.total > 200)
        life.signal(signal.SIGTERM)
        assert (await life.death()).status == "paused"
        for file in voyage.home.glob("checkpoints.db*"):
            file.unlink()
        known = sums(voyage.home).requests
    async with stage(port=port) as server:
        assert (await lives.whole(voyage)).status == "finished"
        assert calm.differences(story(voyage.home)) == {}
        assert sums(voyage.home).requests == known + server.load.total


async def test_a_home_that_cannot_be_written_is_named(lives, stage, plan, tmp_path):
    place = tmp_path / "disk"
    with mounted(place, "ro"):
        async with stage() as server:
            told(await lives.whole(Voyage(place, plan, server.url)), "disk cannot be written .*choose another `home`")
            assert server.load.total == 0


async def test_a_home_that_is_a_file_is_named(lives, stage, plan, tmp_path):
    (tmp_path / "h").write_text("a letter")
    async with stage() as server:
        told(await lives.whole(Voyage(tmp_path / "h", plan, server.url)), "h cannot be written")


async def test_a_run_has_one_process(lives, stage, plan, calm, tmp_path):
    async with stage(latency=0.05) as server:
        voyage = Voyage(tmp_path / "h", plan, server.url)
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.total > 50)
        second = await lives.whole(voyage)
        assert not life.over
        assert (await life.death()).status == "finished"
    assert second.ended is None
    told(second, "being worked on by another process")
    assert calm.differences(story(voyage.home)) == {}


async def test_two_runs_share_a_home(lives, stage, plan, calm, tmp_path):
    other = plan.model_copy(update={"seed": 99})
    async with stage() as server:
        alone = Voyage(tmp_path / "alone", other, server.url, run="b")
        assert (await lives.whole(alone)).status == "finished"
        first = Voyage(tmp_path / "h", plan, server.url, run="r")
        second = Voyage(tmp_path / "h", other, server.url, run="b")
        both = [await lives.begin(voyage) for voyage in (first, second)]
        deaths = [await life.death() for life in both]
    assert [(death.code, death.status, death.said) for death in deaths] == [(0, "finished", "")] * 2
    assert calm.differences(story(first.home, "r")) == {}
    assert story(alone.home, "b").differences(story(second.home, "b")) == {}


async def test_vectors_that_cannot_be_opened_are_named_at_the_start(lives, stage, plan, tmp_path):
    home = tmp_path / "h"
    (home / "vectors").mkdir(parents=True)
    (home / "vectors" / "chroma.sqlite3").write_bytes(os.urandom(20_000))
    async with stage() as server:
        told(await lives.whole(Voyage(home, plan, server.url)), "vectors")
        absent = {"chroma_url": "http://127.0.0.1:9"}
        told(await lives.whole(Voyage(tmp_path / "i", plan, server.url, settings=absent)), "no Chroma server answers")
        assert server.load.total == 0


async def test_vectors_that_break_on_the_way_do_not_end_the_run(lives, stage, plan, calm, tmp_path):
    async with stage(latency=0.02) as server:
        voyage = Voyage(tmp_path / "h", plan, server.url)
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.total > 50)
        shutil.rmtree(voyage.home / "vectors")
        death = await life.death()
    assert (death.code, death.status) == (0, "finished")
    assert "wunder memory rebuild" in death.said
    assert death.said.count("\n") == 1
    assert calm.differences(story(voyage.home)) == {}
