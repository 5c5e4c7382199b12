"""The lines of a game: what is asked, what is told, and pictures that are looked at before they are decoded."""

from __future__ import annotations

import io
import json

import pytest

from stage.square import Square, png
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.play import MOST_PROMPT, Asked, Told, checked_png, perform


def told(*lines: bytes, mood: str = "") -> list[Told]:
    out = io.BytesIO()
    perform(Square(mood), lines, out)
    return [Told.model_validate_json(line) for line in out.getvalue().splitlines()]


def test_a_player_is_asked_by_lines() -> None:
    asked = [Asked(do="start", prompt=png(1, 1)), Asked(do="step", number=1), Asked(do="undo"), Asked(do="save")]
    rules, first, second, third, clip = told(*(one.model_dump_json().encode() for one in asked))

    assert rules.rules is not None
    assert rules.rules.actions == 8
    assert [one.scene.steps for one in (first, second, third) if one.scene] == [0, 1, 0]
    assert clip.clip is not None
    assert clip.clip.media == "image/gif"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"{", "this is no request"),
        (b'{"do": "destroy"}', "this is no request"),
        (b'{"do": "step", "number": 8}', "there is no action 8: there are 8"),
        (b'{"do": "step", "number": 1}', "there is a wall"),
        (b'{"do": "example", "number": 3}', "there is no frame 3 to begin from: there are 3"),
        (json.dumps({"do": "start", "prompt": "AAAA"}).encode(), "a picture has to be a PNG"),
    ],
)
def test_what_cannot_be_is_a_fault_and_the_game_goes_on(line, fault) -> None:
    _, wrong, right = told(line, b'{"do": "step", "number": 0}', mood="walled")

    assert wrong.fault == fault
    assert right.scene is not None


def test_a_picture_is_measured_before_it_is_decoded() -> None:
    good = png(0, 0)
    huge = good[:16] + (100_000).to_bytes(4, "big") + good[20:]

    assert checked_png(good) == good
    with pytest.raises(ConfigError, match="at most 512 pixels"):
        checked_png(huge)
    with pytest.raises(ConfigError, match=f"at most {MOST_PROMPT} bytes"):
        checked_png(good + bytes(MOST_PROMPT))
    for no_picture in (b"", b"GIF89a", good[:20], b"<svg/>" * 9):
        with pytest.raises(ConfigError, match="has to be a PNG"):
            checked_png(no_picture)
