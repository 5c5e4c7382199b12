"""The program that plays: requests come as lines of JSON on its stdin, results leave as lines on its stdout.

    python -m wunderkammer.worlds.grf.referee [--tizero actor.safetensors]

A request: {"level": {...}, "left": "bot-0.5", "right": "tizero", "seeds": [1, 2], "steps": 128, "trace": false}.
Its answer: {"matches": [{"value": …, "steps": …, "own_goal": …, "features": {...}, "trace": [...]}, …]}, or
{"error": …, "refused": true} where the request cannot be met. The engine's own words are kept from the answers. It ends
with its stdin.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from typing import Any, TextIO

from wunderkammer.worlds.grf.pitch import Pitch, Refused
from wunderkammer.worlds.grf.tizero import TiZero

MOST_STEPS = 3000


def main() -> None:
    """Answer until there are no more requests."""
    parser = argparse.ArgumentParser(description="Plays matches of Google Research Football as told on stdin.")
    parser.add_argument("--tizero", help="TiZero's weights as safetensors")
    chosen = parser.parse_args()
    answers = _own_stdout()
    pitch = Pitch(_actor(chosen.tizero) if chosen.tizero else None)
    answers.write(json.dumps({"ready": True}) + "\n")
    answers.flush()
    for line in sys.stdin:
        answers.write(json.dumps(answer(pitch, json.loads(line))) + "\n")
        answers.flush()


def answer(pitch: Pitch, request: dict[str, Any]) -> dict[str, Any]:
    """The matches of one request, in the order of its seeds."""
    try:
        steps = int(request.get("steps", 128))
        if not 0 < steps <= MOST_STEPS:
            raise Refused(f"steps: {steps} is not in 1 to {MOST_STEPS}")
        who = request["level"], str(request["left"]), str(request["right"])
        matches = [pitch.play(*who, int(seed), steps, bool(request.get("trace"))) for seed in request["seeds"]]
    except (Refused, FloatingPointError) as fault:
        return {"error": str(fault), "refused": isinstance(fault, Refused)}
    return {"matches": [asdict(match) for match in matches]}


def _actor(file: str) -> TiZero:
    from safetensors.numpy import load_file

    return TiZero(load_file(file))


def _own_stdout() -> TextIO:
    """A way out that the engine, which prints as it likes, does not know: its words go to stderr."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "w", encoding="utf-8")


if __name__ == "__main__":
    main()
