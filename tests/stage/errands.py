"""Jobs that tests hand out: each does what its argument `what` says."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from wunderkammer.jobs.desk import Desk, Unable

SLEEPER = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"


def main(desk: Desk) -> object:
    """Do it; whatever it is, one line of progress comes first."""
    what = str(desk.args.get("what", "note"))
    desk.tell(1, of=2, words=what, loss=0.5)
    return DEEDS[what](desk)


def note(desk: Desk) -> object:
    """Write down what is on the desk, and that this was done once more."""
    (desk.out / "below").mkdir()
    (desk.out / "below" / "words.txt").write_text("some words\n")
    if "tally" in desk.args:
        with Path(str(desk.args["tally"])).open("a") as tally:
            tally.write(f"{desk.args.get('name', 'x')} {time.monotonic()}\n")
    time.sleep(float(desk.args.get("seconds", 0)))
    if "tally" in desk.args:
        with Path(str(desk.args["tally"])).open("a") as tally:
            tally.write(f"/{desk.args.get('name', 'x')} {time.monotonic()}\n")
    return {
        "seed": desk.seed,
        "args": dict(desk.args),
        "inputs": {name: file.read_text() for name, file in desk.inputs.items()},
        "after": {job: sorted(p.name for p in folder.iterdir()) for job, folder in desk.after.items()},
    }


def environment(desk: Desk) -> object:
    """What a program sees of the world."""
    return {"environment": dict(os.environ), "python": sys.executable, "path": sys.path}


def count(desk: Desk) -> object:
    """Ten steps, each in the checkpoint; killed after every third, made to wait at the third, or to stay there."""
    file = desk.checkpoint / "step"
    step = int(file.read_text()) if file.exists() else 0
    first = step
    while step < 10:
        step += 1
        file.with_suffix(".tmp").write_text(str(step))
        file.with_suffix(".tmp").rename(file)
        desk.tell(step, of=10)
        if (step == 3 and desk.args.get("rest")) or (step >= 3 and desk.args.get("stays")):
            time.sleep(300)
        if step % 3 == 0 and desk.args.get("dies"):
            os.kill(os.getpid(), signal.SIGKILL)
    return {"attempt": desk.attempt, "first": first, "last": step}


def family(desk: Desk) -> object:
    """A child and a grandchild in sessions of their own, both deaf to SIGTERM; then wait."""
    own = subprocess.Popen([sys.executable, "-c", SLEEPER], start_new_session=True)
    middle = (
        "import subprocess, sys;"
        f"p = subprocess.Popen([sys.executable, '-c', {SLEEPER!r}], start_new_session=True, stdout=subprocess.DEVNULL);"
        "print(p.pid)"
    )
    other = int(subprocess.run([sys.executable, "-c", middle], stdout=subprocess.PIPE, check=True).stdout)
    family = [os.getpid(), own.pid, other]
    fresh = Path(str(desk.args["pids"])).with_suffix(".tmp")
    fresh.write_text(json.dumps(family))
    fresh.rename(str(desk.args["pids"]))
    if desk.args.get("leaves"):
        return None
    time.sleep(300)
    return None


def shout(desk: Desk) -> object:
    """Print what would clear a terminal."""
    print("\x1b[2J\x1b]0;title\x07loud words")
    return None


def half(desk: Desk) -> object:
    """Write one of two artifacts, and die."""
    (desk.out / "first.txt").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
    return None


def fail(desk: Desk) -> object:
    """Raise."""
    raise FAULTS[str(desk.args["fault"])]


def large(desk: Desk) -> object:
    """Write more than the file system takes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    (desk.out / "large.bin").write_bytes(bytes(200_000))
    return None


def answer(desk: Desk) -> object:
    """Return something that no result can be."""
    return {"nan": {"loss": float("nan")}, "list": [1], "path": {"x": desk.out}}[str(desk.args["which"])]


def leave(desk: Desk) -> object:
    """End in the middle."""
    os._exit(int(desk.args["code"]))


class OutOfMemoryError(RuntimeError):
    """As torch calls its own."""


FAULTS = {
    "unable": Unable("the data set holds one class"),
    "bug": KeyError("x"),
    "memory": MemoryError(),
    "gpu memory": OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    "jax memory": RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate"),
    "disk": OSError(28, "No space left on device", "checkpoint/weights"),
    "nan": FloatingPointError("loss is nan at step 7"),
    "import": ModuleNotFoundError("No module named 'peft'", name="peft"),
}

DEEDS: dict[str, Callable[[Desk], object]] = {
    "note": note, "environment": environment, "count": count, "family": family, "half": half, "shout": shout,
    "fail": fail, "large": large, "answer": answer, "leave": leave,
}  # fmt: skip
