"""Results that travel from one home into another: whole, checked, and not run again."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import JobSettings, Settings
from wunderkammer.core.work import Job
from wunderkammer.jobs.folder import Folder, Record
from wunderkammer.jobs.local import LocalDispatcher
from wunderkammer.jobs.parcel import Packed, Unpacked, pack, unpack


def errand(tally: Path, **args: str | float) -> Job:
    return Job(module="stage.errands", args=args, places={"tally": str(tally)}, title="an errand")


@pytest.fixture
async def done(local, tmp_path) -> Folder:
    """A job that was run in tmp_path/home; each time leaves two lines in `tally`."""
    dispatcher = local()
    job = errand(tmp_path / "tally")
    await dispatcher.submit(job)
    assert (await dispatcher.wait([job.id]))[job.id].status == "done"
    return Folder(dispatcher.jobs / job.id)


@pytest.fixture
def parcel(done, tmp_path) -> Path:
    assert pack([done], tmp_path / "p.tar.gz", 10**6) == Packed(1, 0)
    return tmp_path / "p.tar.gz"


def elsewhere(tmp_path: Path) -> LocalDispatcher:
    return LocalDispatcher(Settings(home=tmp_path / "elsewhere", jobs=JobSettings(cores=4, memory_gib=64)))


async def test_what_was_done_elsewhere_is_not_run_again(done, parcel, tmp_path):
    there = elsewhere(tmp_path)
    assert unpack(parcel, there.jobs) == Unpacked(1, 0)
    standing = await there.submit(errand(tmp_path / "tally"))
    assert (standing.status, standing.where, standing.job.title) == ("done", "brought", "an errand")
    assert standing.job.places == {}
    assert standing.progress is not None
    assert standing.progress.figures == {"loss": 0.5}
    for name in ("manifest.json", "result.json", "below/words.txt"):
        assert (there.artifacts(standing.job.id) / name).read_bytes() == (done.out / name).read_bytes()
    assert len((tmp_path / "tally").read_text().splitlines()) == 2
    assert {one.name for one in there.jobs.iterdir() if one.name.startswith(".")} == set()


async def test_what_is_there_already_stays_as_it_is(done, parcel, tmp_path):
    before = done.record()
    assert unpack(parcel, done.path.parent) == Unpacked(0, 1)
    assert done.record() == before
    (done.out / "manifest.json").unlink()
    assert unpack(parcel, done.path.parent) == Unpacked(1, 0)
    assert done.whole()


async def test_one_that_waits_is_spared(local, done, parcel, tmp_path):
    """Nothing can run in the other home while something else holds its only core."""
    there = LocalDispatcher(Settings(home=tmp_path / "elsewhere", jobs=JobSettings(cores=1, memory_gib=64)))
    holder = Job(module="stage.errands", args={"what": "count", "rest": True})
    try:
        await there.submit(holder)
        assert (await there.submit(errand(tmp_path / "tally"))).status == "queued"
        assert unpack(parcel, there.jobs) == Unpacked(1, 0)
        assert (await there.standing(done.id)).status == "done"
    finally:
        await there.cancel(holder.id)
    assert (await there.standing(done.id)).where == "brought"
    assert len((tmp_path / "tally").read_text().splitlines()) == 2


async def test_what_is_large_or_not_done_is_left_out(done, tmp_path):
    unborn = Folder(tmp_path / ("f" * 24))
    unborn.path.mkdir()
    unborn.put(Record("queued", 0.0))
    assert pack([done, unborn], tmp_path / "p", 1) == Packed(0, 1)
    assert unpack(tmp_path / "p", tmp_path / "jobs") == Unpacked(0, 0)


async def test_the_same_results_are_the_same_bytes(done, parcel, tmp_path):
    pack([done], tmp_path / "again.tar.gz", 10**6)
    assert (tmp_path / "again.tar.gz").read_bytes() == parcel.read_bytes()


Members = dict[str, bytes]


def members(parcel: Path) -> Members:
    with tarfile.open(parcel) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}


def written(parcel: Path, found: Members, kind: bytes = tarfile.REGTYPE) -> None:
    with tarfile.open(parcel, "w:gz") as tar:
        for name, content in found.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.type = kind if name.endswith("words.txt") else tarfile.REGTYPE
            member.linkname = "/etc/passwd"
            tar.addfile(member, io.BytesIO(content))


def edited(name: str, change: Callable[[bytes], bytes]) -> Callable[[Members], Members]:
    return lambda found: {one: change(content) if one.endswith(name) else content for one, content in found.items()}


def renamed(of: str, to: str) -> Callable[[Members], Members]:
    """One artifact under another name, in the manifest too."""

    def change(found: Members) -> Members:
        return {name.replace(of, to): content.replace(of.encode(), to.encode()) for name, content in found.items()}

    return change


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (edited("words.txt", lambda it: it[:-1] + b"!"), "'words.txt' is not what its manifest says"),
        (edited("words.txt", lambda it: it + b"more"), "'words.txt' is not what its manifest says"),
        (edited("job.json", lambda it: it.replace(b'"seed":0', b'"seed":1')), "is not what its id says"),
        (edited("job.json", lambda _: b"{}"), "the papers of job"),
        (edited("standing.json", lambda it: it.replace(b"done", b"failed")), "is not done"),
        (edited("standing.json", lambda it: it.replace(b"worked_s", b"wrecked")), "the papers of job"),
        (edited("manifest.json", lambda _: b"[]"), "the manifest of job"),
        (renamed("below/words.txt", "../../../words.txt"), "may not make '../../../words.txt'"),
        (renamed("below/words.txt", "/tmp/words.txt"), "may not make '/tmp/words.txt'"),
        (lambda found: {name: it for name, it in found.items() if "words" not in name}, "is not whole"),
        (lambda found: {**found, "readme": b"hello"}, "'readme' is no id of a job"),
        (lambda found: {**found, f"{next(iter(found))[:24]}/out/more": b""}, "/out/more' is in no manifest"),
    ],
)
async def test_a_spoilt_parcel_is_told_in_one_line_and_brings_nothing(parcel, tmp_path, spoil, words):
    written(parcel, spoil(members(parcel)))
    with pytest.raises(ConfigError) as fault:
        unpack(parcel, tmp_path / "jobs")
    assert words in str(fault.value)
    assert "\n" not in str(fault.value)
    there = {one.name for one in (tmp_path / "jobs").rglob("*") if one.name in ("words.txt", "manifest.json")}
    assert there == (set() if "readme" not in words else {"words.txt", "manifest.json"})
    assert not (tmp_path / "words.txt").exists()


async def test_a_link_is_not_followed(parcel, tmp_path):
    written(parcel, members(parcel), tarfile.SYMTYPE)
    with pytest.raises(ConfigError, match="no plain file"):
        unpack(parcel, tmp_path / "jobs")


@pytest.mark.parametrize(
    "spoil", [lambda it: it[: len(it) // 2], lambda it: it[:40] + b"zzzz" + it[44:], lambda _: b"x"]
)
async def test_a_damaged_file_is_told_in_one_line(parcel, tmp_path, spoil):
    parcel.write_bytes(spoil(parcel.read_bytes()))
    with pytest.raises(ConfigError, match="no whole parcel of jobs"):
        unpack(parcel, tmp_path / "jobs")


async def test_nothing_is_left_where_a_parcel_cannot_be_written(done, tmp_path):
    (done.out / "below" / "words.txt").unlink()
    with pytest.raises(FileNotFoundError):
        pack([done], tmp_path / "new" / "p.tar.gz", 10**6)
    (tmp_path / "new").mkdir()
    with pytest.raises(FileNotFoundError):
        pack([done], tmp_path / "new" / "p.tar.gz", 10**6)
    assert list((tmp_path / "new").iterdir()) == []


async def test_a_job_of_a_manifest_that_says_little_is_none(done, parcel, tmp_path):
    found = members(parcel)
    small = {name: it for name, it in found.items() if "out/" not in name or name.endswith("manifest.json")}
    name = next(one for one in small if one.endswith("manifest.json"))
    written(parcel, {**small, name: json.dumps({"files": [{"name": "result.json"}]}).encode()})
    with pytest.raises(ConfigError, match="manifest of job"):
        unpack(parcel, tmp_path / "jobs")
