"""Folders of video files: decoded at a pace and size, what is broken or short skipped with a count."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.film.film import Film
from wunderkammer.worlds.film.making import make
from wunderkammer.worlds.film.shards import SHORTEST, Skipped
from wunderkammer.worlds.film.sources import source_of
from wunderkammer.worlds.film.videos import VideoFolder, pieces

av = pytest.importorskip("av")


def shoot(file, frames=40, size=(48, 32), rate=20, bright=None):
    """A video whose brightness rises from frame to frame."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(file), "w") as out:
        stream = out.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for at in range(frames):
            picture = np.full((size[1], size[0], 3), 4 * at if bright is None else bright, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)


def film(folder, out, side=16, fps=20.0):
    make(VideoFolder(folder, side, fps), out, side)
    return Film(out)


def test_videos_become_square_frames_in_their_order(tmp_path):
    shoot(tmp_path / "in/one.mp4")
    found = film(tmp_path / "in", tmp_path / "out")
    (shard,) = found.manifest.shards
    frames = found.frames(shard, 0, shard.frames)

    assert frames.shape == (40, 16, 16, 3)
    assert np.all(np.diff(frames.mean((1, 2, 3))) >= 0)
    assert frames[-1].mean() - frames[0].mean() > 100
    assert found.manifest.actions is None
    assert found.manifest.skipped == Skipped()


def test_the_pace_is_chosen(tmp_path):
    shoot(tmp_path / "in/one.mp4", frames=60, rate=30)

    assert film(tmp_path / "in", tmp_path / "out", fps=10.0).manifest.frames == 20


def test_what_is_no_video_and_what_is_short_is_counted(tmp_path):
    for name in ("a/one.mp4", "a/two.mp4", "three.mp4"):
        shoot(tmp_path / "in" / name)
    shoot(tmp_path / "in/short.mp4", frames=SHORTEST - 1)
    (tmp_path / "in/notes.txt").write_text("not a video")
    (tmp_path / "in/.hidden").write_text("nothing")
    manifest = film(tmp_path / "in", tmp_path / "out").manifest

    assert manifest.skipped == Skipped(broken=1, short=1)
    assert {one.level for shard in manifest.shards for one in shard.episodes} == {"a/one.mp4", "a/two.mp4", "three.mp4"}


def test_each_file_belongs_to_one_split(tmp_path):
    for at in range(3):
        shoot(tmp_path / f"in/{at}.mp4", bright=80 * at)
    found = film(tmp_path / "in", tmp_path / "out")
    seen = {split: set(found.held_out(1, 16, split=split).levels) for split in ("train", "validation", "test")}

    assert len(set.union(*seen.values())) == 3


def test_what_was_done_is_not_known(tmp_path):
    for at in range(3):
        shoot(tmp_path / f"in/{at}.mp4")

    assert (film(tmp_path / "in", tmp_path / "out").held_out(1, 16).actions == -1).all()


def test_a_folder_without_any_video_is_refused_in_one_line(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/notes.txt").write_text("words")
    with pytest.raises(ConfigError, match="1 files are no video that can be decoded"):
        film(tmp_path / "in", tmp_path / "out")


def test_an_empty_folder_a_file_and_nothing_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="is empty"):
        source_of(str(tmp_path / "empty"), 32)
    with pytest.raises(ConfigError, match="is no folder of videos"):
        source_of(str(tmp_path / "file"), 32)
    with pytest.raises(ConfigError, match="neither a folder of videos nor one of coinrun"):
        source_of("donkey", 32)
    with pytest.raises(ConfigError, match="0 frames a second"):
        source_of(str(tmp_path), 32, fps=0)


def test_a_long_video_is_held_in_pieces_none_of_them_too_short():
    frames = (np.full((2, 2, 3), at % 256, np.uint8) for at in range(512 + 12))
    found = [len(piece) for piece in pieces(frames)]

    assert found == [524]
    assert [len(piece) for piece in pieces(np.zeros((2, 2, 3), np.uint8) for _ in range(512 + 20))] == [512, 20]
