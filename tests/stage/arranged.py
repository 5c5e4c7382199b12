"""A dispatcher for `search-study` that searches nothing: figures follow from the switches, with a little luck."""

from __future__ import annotations

import json
from random import Random

from stage.soil import Spade


class Arranged(Spade):
    """Uniform cells find more, a missing filter makes texts alike, nothing else matters."""

    def _dig(self, name: str) -> None:
        job = self._jobs[name]
        luck = Random(f"{job.seed}").gauss(0, 0.05) + Random(job.id).gauss(0, 0.01)
        figures = {
            "found": 0.4 + 0.3 * (not job.args["biased"]) - 0.3 * (not job.args["parents"]) + luck,
            "coverage": 1.0,
            "self_bleu": 0.06 + 0.07 * (not job.args["filter"]) + luck / 10,
            "slots": 100.0,
        }
        place = self.folder / name
        place.mkdir(parents=True, exist_ok=True)
        partial = place / "partial"
        partial.write_text(json.dumps(figures))
        partial.replace(place / "result.json")
        self.dug.append(name)
