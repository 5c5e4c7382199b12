"""Captioned and labelled frames: true of what they show, and without what is held out."""

from __future__ import annotations

import jax
import numpy as np

from wunderkammer.domains.vlm_rewards.captions import IDLE, captioned, labelled, negatives, rooms, scenes
from wunderkammer.domains.vlm_rewards.looking import dealt
from wunderkammer.worlds.toys import drawing
from wunderkammer.worlds.toys.words import COLOURS, HELD, SHAPES, combinations, read

KNOWN, HELD_OUT = rooms(6, 3, 24, held=False), rooms(6, 3, 24, held=True)


def under_robot(frame: np.ndarray) -> tuple[str, str] | None:
    """Colour and shape of what is in the robot's cell, read off the pixels."""
    side = drawing.SIDE
    cells = frame.reshape(6, side, 6, side, 3).swapaxes(1, 2).reshape(36, side, side, 3)
    (cell,) = [one for one in cells if tuple(one[0, 0]) == drawing.ROBOT]
    toy = (cell[1:-1, 1:-1] != drawing.FLOOR).any(-1)
    if not toy.any():
        return None
    glyphs = drawing.glyphs()[:-1, 1:-1, 1:-1]
    shape = next(name for name, glyph in zip(SHAPES, glyphs, strict=True) if np.array_equal(glyph, toy))
    return COLOURS[drawing.PALETTE.index(tuple(int(part) for part in cell[1:-1, 1:-1][toy][0]))], shape


def test_captions_say_what_the_pixels_show() -> None:
    found = captioned(KNOWN, 3, 200)
    for frame, sentence, prompt in zip(found.frames, found.sentences, found.prompts, strict=True):
        shown = under_robot(frame)
        assert sentence == IDLE if shown is None else read(sentence).combinations[0] == shown
        assert prompt.endswith(sentence)
    assert {len(prompt) > len(bare) for prompt, bare in zip(found.prompts, found.sentences, strict=True)} == {
        False,
        True,
    }


def test_held_out_combinations_are_in_no_caption_and_in_no_captioned_frame() -> None:
    found = captioned(KNOWN, 0, 4000)
    said = {read(one).combinations[0] for one in found.sentences if one != IDLE}
    assert said == set(combinations(held=False))
    rooms_seen = scenes(KNOWN, jax.random.key(0), 4000)
    there = {(COLOURS[c], SHAPES[s]) for c, s in zip(rooms_seen.colours.flat, rooms_seen.shapes.flat, strict=True)}
    assert np.array_equal(rooms_seen.frames, found.frames)
    assert not there & HELD


def test_labels_are_true_and_goals_are_of_held_out_toys_in_the_room() -> None:
    found = labelled(HELD_OUT, 1, 200)
    assert found.labels.mean() == 0.5
    for frame, goal, label in zip(found.frames, found.goals, found.labels, strict=True):
        wanted = read(goal).combinations[0]
        assert wanted in HELD
        assert (under_robot(frame) == wanted) == label
    assert {read(one).combinations[0] for one in labelled(KNOWN, 1, 400).goals} <= set(combinations(held=False))


def test_dealt_captions_are_the_same_ones_elsewhere() -> None:
    found = captioned(KNOWN, 0, 300)
    other = dealt(found, 0)
    assert sorted(other.prompts) == sorted(found.prompts)
    right = [one == two for one, two in zip(found.sentences, other.sentences, strict=True)]
    assert 0.01 < np.mean(right) < 0.2
    assert all(prompt.endswith(bare) for prompt, bare in zip(other.prompts, other.sentences, strict=True))


def test_negatives_are_everything_else_or_nothing() -> None:
    assert len(set(negatives("others"))) == 37
    assert negatives("idle") == [IDLE]
