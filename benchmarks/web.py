"""What watching costs: a run with 200 listeners on the live stream beside the same run without; and how quick it is.

    python benchmarks/web.py                     # pairs of runs, listeners and none in turns; page weight; first paint
    python benchmarks/web.py --only load --pairs 6 --listeners 200 --steps 120
    python benchmarks/web.py --only paint

The run is a search of rainbow-safety at full speed against a rehearsal server in a process of its own. The web server
is another process and is up in both conditions; listeners are a third, half of them on the run's own events, half on
all runs'. The figure is candidates a second, with listeners over without, paired, with a 95 % bootstrap interval of the
mean: all processes share this machine, so that whatever listeners and server take of its cores is in the loss.

First paint is the browser's own `first-contentful-paint`; `drawn` is when all cells of 100 × 100 (of a grid of 30,000)
are on the screen, both from the start of the navigation, of a browser that is running already, with nothing cached.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from random import Random
from statistics import fmean, median
from unittest.mock import patch

import httpx
from langgraph.runtime import RunControl

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from throughput import PLANTED, settings_for

from stage.acres import Acres, plant
from wunderkammer import domains
from wunderkammer.apps.expedition import Expedition, new_run
from wunderkammer.apps.web.application import STATIC, application
from wunderkammer.apps.web.door import Door
from wunderkammer.apps.web.serving import server
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.settings import load
from wunderkammer.models.rehearsal import rehearsal_process

CHROMIUM = "/usr/bin/chromium"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
MOST_LOSS, MOST_WEIGHT, MOST_PAINT_S = 0.10, 300_000, 1.0


# ---- load ------------------------------------------------------------------------------------------------------------


async def listen(url: str, run: str, count: int) -> None:
    """Be `count` listeners, until killed: each reads what comes and throws it away."""
    host, port = url.removeprefix("http://").split(":")

    began = asyncio.Event()

    async def one(path: str) -> None:
        if run in path:
            await began.wait()
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection(host, int(port))
                writer.write(f"GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\n\r\n".encode())
                status = await reader.readline()
                while b"200" in status and await reader.read(65_536):
                    pass
                writer.close()
            await asyncio.sleep(1)

    async def look() -> None:
        async with httpx.AsyncClient(timeout=60) as asks:
            while run not in (await asks.get(f"{url}/api/runs?count=1")).text:  # noqa: ASYNC110  another process begins it
                await asyncio.sleep(0.5)
        began.set()

    await asyncio.gather(look(), *(one(f"/api/runs/{run}/events" if at % 2 else "/api/events") for at in range(count)))


@contextmanager
def program(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """This file as a process of its own, for the length of the block."""
    with subprocess.Popen([sys.executable, __file__, *words]) as child:
        try:
            yield child
        finally:
            child.kill()


def serve(home: Path, port: int) -> None:
    """Be the web server of a home."""
    app = application(load(home=home, embedder="hashed"), Door(port=port))
    server(app, port=port).run()


def await_server(url: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/healthz").is_success:
                return
        time.sleep(0.2)
    raise TimeoutError(url)


def figure(url: str, name: str) -> float:
    """One figure of the server's metrics."""
    text = httpx.get(f"{url}/metrics", timeout=60).text
    return float(next(line for line in text.splitlines() if line.startswith(f"{name} ")).split()[1])


def listeners_of(url: str) -> int:
    """How many the server counts."""
    return int(figure(url, "wunder_listeners"))


def memory_of(pid: int) -> float:
    """MiB that a process holds."""
    with Path(f"/proc/{pid}/statm").open() as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def search(model: str, home: Path, web: str, listeners: int, steps: int) -> tuple[float, int]:
    """Candidates a second of one run, and how many listened in the middle of it."""
    settings = settings_for(model, home)
    run = new_run(SearchPlan(domain="rainbow-safety", steps=steps, batch=32, options={"judged": False}), settings)
    trip = Expedition(run, settings, lambda event: None, RunControl())
    seen: list[int] = []
    with program("--listen", web, run.id, str(listeners)) if listeners else nullcontext():
        if listeners:
            while listeners_of(web) < listeners // 2:  # the other half comes as soon as the run is there
                time.sleep(0.2)
        timer = threading.Timer(3, lambda: seen.append(listeners_of(web)))
        timer.start()
        start = time.perf_counter()
        ended = asyncio.run(trip.conduct())
        took = time.perf_counter() - start
        timer.join()
    assert ended.status == "finished", ended.reason
    return steps * 32 / took, seen[0]


def load_of_listeners(pairs: int, listeners: int, steps: int) -> dict[str, object]:
    """Throughput with listeners over without, pair by pair, each pair in another order."""
    with (
        tempfile.TemporaryDirectory() as folder,
        rehearsal_process("--planted", str(PLANTED), "--latency", "0.05") as model,
        program("--serve", folder, "8797") as site,
    ):
        web = "http://127.0.0.1:8797"
        await_server(web)
        before = memory_of(site.pid)
        rows = []
        for pair in range(pairs):
            order = (0, listeners) if pair % 2 else (listeners, 0)
            rates = {count: search(model, Path(folder), web, count, steps) for count in order}
            rows.append({"with": rates[listeners][0], "without": rates[0][0], "listened": rates[listeners][1]})
            print(json.dumps(rows[-1]), f"load {os.getloadavg()[0]:.1f}", flush=True)
        ratios = [row["with"] / row["without"] for row in rows]
        low, high = interval(ratios)
        gaps = figure(web, "wunder_gaps_total")
        return {
            "listeners": min(int(row["listened"]) for row in rows),
            "ratio": fmean(ratios),
            "low": low,
            "high": high,
            "within": fmean(ratios) > 1 - MOST_LOSS,
            "server MiB before, after": (round(before), round(memory_of(site.pid))),
            "gaps": gaps,
            "pairs": rows,
        }


def interval(values: list[float]) -> tuple[float, float]:
    rng = Random(0)
    means = sorted(fmean(rng.choices(values, k=len(values))) for _ in range(4000))
    return means[100], means[3899]


# ---- pages -----------------------------------------------------------------------------------------------------------


def weight() -> dict[str, object]:
    """Bytes of everything that the pages are made of, as they leave: not compressed."""
    total = sum(file.stat().st_size for file in STATIC.rglob("*") if file.is_file())
    return {"bytes": total, "within": total < MOST_WEIGHT}


def paint(repeats: int) -> dict[str, object]:
    """Seconds to the first paint, and until all cells are drawn, at 100 × 100."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, patch.object(domains, "installed", lambda: {Acres.name: Acres}):
        run = plant(Path(folder))
        thread = threading.Thread(target=serve, args=(Path(folder), 8798), daemon=True)
        with patch("signal.signal"):
            thread.start()
        await_server("http://127.0.0.1:8798")
        rows = []
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
            for _ in range(repeats):
                page = browser.new_context(base_url="http://127.0.0.1:8798").new_page()
                page.goto(f"/runs/{run}")
                page.locator(".plate button.cursor").wait_for()
                rows.append(
                    page.evaluate(
                        """() => [
                            performance.getEntriesByName("first-contentful-paint")[0].startTime / 1000,
                            performance.now() / 1000,
                        ]"""
                    )
                )
                page.context.close()
            browser.close()
    first, drawn = median(row[0] for row in rows), median(row[1] for row in rows)
    return {"first paint": first, "drawn": drawn, "within": first < MOST_PAINT_S, "load": os.getloadavg()[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("load", "weight", "paint"))
    parser.add_argument("--pairs", type=int, default=6)
    parser.add_argument("--listeners", type=int, default=200)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--listen", nargs=3, metavar=("URL", "RUN", "COUNT"), help=argparse.SUPPRESS)
    parser.add_argument("--serve", nargs=2, metavar=("HOME", "PORT"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.listen:
        asyncio.run(listen(given.listen[0], given.listen[1], int(given.listen[2])))
    elif given.serve:
        serve(Path(given.serve[0]), int(given.serve[1]))
    else:
        found: dict[str, object] = {}
        if given.only in (None, "weight"):
            found["weight"] = weight()
        if given.only in (None, "paint"):
            found["paint"] = paint(given.repeats)
        if given.only in (None, "load"):
            found["load"] = load_of_listeners(given.pairs, given.listeners, given.steps)
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
