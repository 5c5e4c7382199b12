"""Labelled frames on disk: read as they were written, and refused in one line."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.vlm_rewards import labels

FRAMES = np.random.default_rng(0).integers(0, 256, (3, 6, 8, 3), dtype=np.uint8)
GOALS = ["a door, open", 'a "lamp"', "a door, open"]
TRUTHS = np.array([True, False, False])


def test_what_was_written_is_read(tmp_path) -> None:
    table = labels.write(tmp_path / "frames", FRAMES, GOALS, TRUTHS)
    for place in (table, table.parent):
        frames, goals, truths = labels.read(place)
        assert np.array_equal(frames, FRAMES)
        assert goals == GOALS
        assert np.array_equal(truths, TRUTHS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("frame,goal\n00000.png,x\n", "has the columns frame, goal, label"),
        ("frame,goal,label\n", "at least one row"),
        ("frame,goal,label\n00000.png,x,maybe\n", "line 2: 'maybe' is no label"),
        ("frame,goal,label\n00000.png,x,1\n00001.png,x,yes\n", "labels are all the same|all labels are the same"),
        ("frame,goal,label\n00000.png,x,1\ngone.png,x,0\n", "gone.png is no picture"),
        ("frame,goal,label\n00000.png,x,1\nlarge.png,x,0\n", "9 x 9, and|9 x 9 pixels"),
    ],
)
def test_what_is_no_table_is_refused(text, said, tmp_path) -> None:
    labels.write(tmp_path / "frames", FRAMES, GOALS, TRUTHS)
    Image.new("RGB", (9, 9)).save(tmp_path / "frames" / "large.png")
    (tmp_path / "frames" / "labels.csv").write_text(text)
    with pytest.raises(ConfigError, match=said):
        labels.read(tmp_path / "frames")
