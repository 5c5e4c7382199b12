"""Results that travel: jobs that are done, from one home into another, so that nobody runs them twice.

A parcel is a gzipped tar. Of each job, in this order:

    ID/job.json  ID/standing.json  [ID/progress.jsonl]  ID/out/manifest.json  ID/out/…

Whoever opens one believes its maker: a study takes the figures in it for its own. What can be seen is held against
what is said: a job's id against its arguments, each file against the manifest.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import IO, Any

from pydantic import ValidationError

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.whole import drafted
from wunderkammer.core.work import Job, Standing
from wunderkammer.jobs.dispatching import writing
from wunderkammer.jobs.folder import ID, Folder, Record
from wunderkammer.jobs.queue import gate

MIB = 2**20
PAPER = 16 * MIB
"""Bytes that a paper of a job may have, at most: what it is, where it stands, what it told, what it made."""
BROUGHT = "brought"
"""Where a job ran that came in a parcel."""
_PAPERS = ("job.json", "standing.json", "progress.jsonl")
_PIECE = MIB


class _Wrong(Exception):
    """What is wrong with a parcel, in a few words."""


@dataclass(frozen=True)
class Packed:
    """jobs: that went in; large: that were left out for their size."""

    jobs: int
    large: int


@dataclass(frozen=True)
class Unpacked:
    """jobs: that are new here; known: that were done or under way already."""

    jobs: int
    known: int


def pack(found: Iterable[Folder], file: Path, largest: int) -> Packed:
    """Put jobs into a parcel, which appears whole or not at all; one that is not done is passed over.

    largest: bytes of a job's artifacts beyond which it is left out. What cannot be read or written raises `OSError`.
    """
    packed = large = 0
    with (
        drafted(file) as draft,
        draft.open("wb") as raw,
        # Neither name nor time: the same results are the same bytes.
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        for folder in sorted(found, key=lambda one: one.id):
            record = folder.record()
            if record is None or record.status != "done" or not folder.whole():
                continue
            manifest = json.loads((folder.out / "manifest.json").read_bytes())
            if sum(one["size"] for one in manifest["files"]) > largest:
                large += 1
                continue
            _put(tar, folder, record, [one["name"] for one in manifest["files"]])
            packed += 1
    return Packed(packed, large)


def _put(tar: tarfile.TarFile, folder: Folder, record: Record, names: list[str]) -> None:
    papers = {
        "job.json": _anywhere((folder.path / "job.json").read_bytes()),
        "standing.json": json.dumps(asdict(record)).encode(),
        **({"progress.jsonl": folder.progress.read_bytes()} if _told_little(folder.progress) else {}),
        "out/manifest.json": (folder.out / "manifest.json").read_bytes(),
    }
    for name, content in papers.items():
        tar.addfile(_member(f"{folder.id}/{name}", len(content)), io.BytesIO(content))
    for name in names:
        path = folder.out / name
        with path.open("rb") as opened:
            tar.addfile(_member(f"{folder.id}/out/{name}", path.stat().st_size), opened)


def _anywhere(paper: bytes) -> bytes:
    """A job without its places: where things lie is of one machine, and nobody's business on another."""
    return Job.model_validate_json(paper).model_copy(update={"places": {}}).model_dump_json().encode()


def _told_little(progress: Path) -> bool:
    """Whether what a job told can travel: there is some, and no more than is taken in elsewhere."""
    return progress.is_file() and progress.stat().st_size <= PAPER


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    return member


def unpack(file: Path, jobs: Path) -> Unpacked:
    """Take the jobs of a parcel into HOME/jobs; each appears whole or not at all.

    Raises `ConfigError` where the file is no parcel, or damaged; what came before the damage has been taken in.
    """
    counts = {True: 0, False: 0}
    with _opened_parcel(file) as raw, writing(jobs):
        jobs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".parcel-", dir=jobs) as bench, _told(file):
            for job in _read(raw, Path(bench)):
                counts[_take(jobs, job)] += 1
    return Unpacked(counts[True], counts[False])


def _opened_parcel(file: Path) -> IO[bytes]:
    try:
        return file.open("rb")
    except FileNotFoundError:
        raise ConfigError(f"{file} is not there") from None
    except OSError as fault:
        raise ConfigError(f"{file}: cannot be read: {fault.strerror}") from None


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Say in one line what is wrong with a parcel."""
    try:
        yield
    except _Wrong as wrong:
        raise ConfigError(f"{file}: {wrong}") from None
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError):
        raise ConfigError(f"{file} is no whole parcel of jobs; `wunder jobs export` makes them") from None


# ---- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Read:
    """A job of a parcel, unpacked and looked through, in a folder of its own."""

    folder: Folder
    record: Record


def _read(raw: IO[bytes], bench: Path) -> Iterator[_Read]:
    """The jobs one after the other; each one's folder is there until the next is asked for."""
    # Unzipped by gzip, which notices where a stream was cut; tarfile's own way takes the cut for the end.
    with gzip.GzipFile(fileobj=raw) as unzipped, tarfile.open(fileobj=unzipped, mode="r|") as tar:
        for job, members in groupby(tar, key=lambda one: one.name.partition("/")[0]):
            if not ID.fullmatch(job):
                raise _Wrong(f"{job[:60]!r} is no id of a job")
            folder = Folder(bench / job)
            yield _opened(tar, members, folder)
            shutil.rmtree(folder.path, ignore_errors=True)


def _opened(tar: tarfile.TarFile, members: Iterable[tarfile.TarInfo], folder: Folder) -> _Read:
    """One job, laid out in a folder."""
    papers: dict[str, bytes] = {}
    listed: dict[str, dict[str, Any]] | None = None
    made: set[str] = set()
    for member in members:
        name = member.name.removeprefix(f"{folder.id}/")
        content = tar.extractfile(member) if member.isreg() else None
        if content is None:
            raise _Wrong(f"{member.name[:80]!r} is no plain file")
        if name in _PAPERS:
            papers[name] = _paper(member, content)
        elif name == "out/manifest.json" and listed is None:
            listed = _listed(folder, _paper(member, content))
        elif listed is not None and (one := name.removeprefix("out/")) in listed and one not in made:
            _unfold(folder.out / one, content, listed[one])
            made.add(one)
        else:
            raise _Wrong(f"{member.name[:80]!r} is in no manifest")
    if listed is None or len(made) < len(listed):
        raise _Wrong(f"job {folder.id} is not whole")
    return _checked(folder, papers)


def _paper(member: tarfile.TarInfo, content: IO[bytes]) -> bytes:
    if member.size > PAPER:
        raise _Wrong(f"{member.name[:60]!r} is larger than {PAPER // MIB} MiB")
    return content.read()


def _listed(folder: Folder, manifest: bytes) -> dict[str, dict[str, Any]]:
    """What the manifest lists, by name; it is written down."""
    try:
        files = {str(one["name"]): {"size": int(one["size"]), "sha256": str(one["sha256"])} for one in _files(manifest)}
    except (ValueError, TypeError, KeyError):
        raise _Wrong(f"the manifest of job {folder.id} cannot be read") from None
    for name in files:
        parts = PurePosixPath(name).parts
        if name != "/".join(parts) or not parts or {"..", "/", "manifest.json"} & {*parts} or "\\" in name:
            raise _Wrong(f"job {folder.id} may not make {name[:60]!r}")
    folder.out.mkdir(parents=True)
    (folder.out / "manifest.json").write_bytes(manifest)
    return files


def _files(manifest: bytes) -> Iterable[dict[str, Any]]:
    files: Iterable[dict[str, Any]] = json.loads(manifest)["files"]
    return files


def _unfold(place: Path, content: IO[bytes], listed: dict[str, Any]) -> None:
    """Write an artifact down, and hold it against its manifest."""
    place.parent.mkdir(parents=True, exist_ok=True)
    digest, left = hashlib.sha256(), listed["size"]
    with place.open("xb") as opened:
        while piece := content.read(_PIECE):
            left -= len(piece)
            if left < 0:
                break
            digest.update(piece)
            opened.write(piece)
    if left or digest.hexdigest() != listed["sha256"]:
        raise _Wrong(f"{place.name[:60]!r} is not what its manifest says")


def _checked(folder: Folder, papers: dict[str, bytes]) -> _Read:
    """A job that is what its id says, and was done."""
    try:
        job = Job.model_validate_json(papers["job.json"])
        said = json.loads(papers["standing.json"])
        standing = Standing.model_validate({**said, "job": job})
    except (KeyError, TypeError, ValueError, ValidationError):
        raise _Wrong(f"the papers of job {folder.id} cannot be read") from None
    if job.id != folder.id:
        raise _Wrong(f"job {folder.id} is not what its id says")
    if standing.status != "done":
        raise _Wrong(f"job {folder.id} is not done")
    (folder.path / "job.json").write_text(job.model_dump_json(), "utf-8")
    if "progress.jsonl" in papers:
        folder.progress.write_bytes(papers["progress.jsonl"])
    times = standing.model_dump(include={"submitted", "started", "ended", "worked_s", "attempt"})
    return _Read(folder, Record("done", where=BROUGHT, **times))


# ---- taking in -------------------------------------------------------------------------------------------------------


def _take(jobs: Path, read: _Read) -> bool:
    """Put a job beside the others; False where it is done or under way here."""
    here = Folder(jobs / read.folder.id)
    with gate(jobs):
        record = here.record()
        if record is not None and (record.status == "running" or (record.status == "done" and here.whole())):
            return False
        here.path.mkdir(exist_ok=True)
        for name in ("job.json", "progress.jsonl"):
            if (read.folder.path / name).is_file():
                (read.folder.path / name).replace(here.path / name)
        shutil.rmtree(here.out, ignore_errors=True)
        read.folder.out.replace(here.out)
        here.put(read.record)
    return True
