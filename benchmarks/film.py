"""Film: frames a second filmed, decoded and loaded, and the memory that loading takes, beside simpler ways.

    python benchmarks/film.py FOLDER [--python PYTHON-OF-PROCGEN] [--frames 32768]

FOLDER is for what is made; it is left there. Loading is compared with a memory map of one large file and with a decoder
that opens the video again for every clip, at equal batches; everything runs in one process with one thread.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from wunderkammer.worlds.film.film import Film
from wunderkammer.worlds.film.making import make
from wunderkammer.worlds.film.recording import GameFilm
from wunderkammer.worlds.film.videos import VideoFolder

BATCH, CLIP, BATCHES = 16, 16, 100


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", type=Path)
    parser.add_argument("--frames", type=int, default=32_768)
    asked = parser.parse_args()
    found: dict[str, float] = {}
    games = ["grid"] + (["coinrun", "ninja", "pitfall"] if asked.python else [])
    for game in games:
        source = GameFilm(game, asked.frames, 32, python=asked.python or Path())
        found[f"{game}: frames filmed per CPU-second"] = filmed(source, asked.folder / game)
    videos = asked.folder / "videos"
    shoot(asked.folder / "grid", videos)
    found["videos: frames decoded per CPU-second"] = filmed(VideoFolder(videos, 32, 20.0), asked.folder / "decoded")
    film = Film(asked.folder / "grid")
    film.verify()
    for name, batches in (
        ("shards", film.clips().batches(0, BATCH, CLIP)),
        ("one memory map", mapped(film, asked.folder / "one.npy")),
    ):
        before = resident()
        found[f"{name}: frames loaded per CPU-second"] = loaded(batches)
        found[f"{name}: MiB more in memory while it is read"] = resident() - before
    found["film: MiB"] = film.manifest.frames * 32 * 32 * 3 / 2**20
    found["decoding anew: frames loaded per CPU-second"] = loaded(decoded(videos), 3)
    print(json.dumps({name: round(value, 1) for name, value in found.items()}, indent=1))


def filmed(source: GameFilm | VideoFolder, folder: Path) -> float:
    """Frames a CPU-second, child processes included."""
    began = spent()
    frames = make(source, folder, 32).frames
    return frames / (spent() - began)


def loaded(batches: Iterator[np.ndarray], count: int = BATCHES) -> float:
    """Frames a CPU-second."""
    next(batches)
    began = time.process_time()
    for _ in islice(batches, count):
        pass
    return count * BATCH * CLIP / (time.process_time() - began)


def mapped(film: Film, file: Path) -> Iterator[np.ndarray]:
    """The plain way: all frames in one memory map, clips from anywhere in it, across the ends of episodes."""
    shape = (film.manifest.frames, 32, 32, 3)
    whole = np.lib.format.open_memmap(file, "w+", np.uint8, shape)
    at = 0
    for shard in film.manifest.shards:
        whole[at : at + shard.frames] = film.frames(shard, 0, shard.frames)
        at += shard.frames
    del whole
    whole = np.load(file, mmap_mode="r", allow_pickle=False)
    rng = np.random.default_rng(0)
    while True:
        yield np.stack([whole[at : at + CLIP] for at in rng.integers(shape[0] - CLIP, size=BATCH)])


def decoded(videos: Path) -> Iterator[np.ndarray]:
    """The other plain way: each clip decoded from the start of its video."""
    from wunderkammer.worlds.film.decoding import pictures

    files, rng = sorted(videos.iterdir()), np.random.default_rng(0)
    while True:
        clips = []
        for _ in range(BATCH):
            begin = int(rng.integers(256 - CLIP))
            clips.append(np.stack(list(islice(pictures(rng.choice(files), 32, 20.0), begin, begin + CLIP))))
        yield np.stack(clips)


def shoot(grid: Path, folder: Path, count: int = 16, size: int = 256) -> None:
    """Videos of 256 frames of 160 x 120 pixels, MPEG-4, of what the grid shows."""
    import av

    folder.mkdir(parents=True, exist_ok=True)
    film = Film(grid)
    for at in range(count):
        frames = film.frames(film.manifest.shards[at % len(film.manifest.shards)], at * 16, at * 16 + size)
        with av.open(str(folder / f"{at:02d}.mp4"), "w") as out:
            stream = out.add_stream("mpeg4", rate=20)
            stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
            for frame in frames:
                picture = np.pad(frame.repeat(3, 0).repeat(3, 1), ((12, 12), (32, 32), (0, 0)))
                out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            out.mux(stream.encode())


def spent() -> float:
    """CPU-seconds of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def resident() -> float:
    """MiB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
