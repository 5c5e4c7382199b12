"""The language of toys: what is said is read back, and what is not of it is refused."""

from __future__ import annotations

import jax
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.toys import words
from wunderkammer.worlds.toys.level import goal_of, spoken
from wunderkammer.worlds.toys.levels import ToyLevels
from wunderkammer.worlds.toys.words import Goal, read, sentence


def test_a_sentence_is_read_back() -> None:
    goal = Goal("left", "red", "ball", "blue", "box")
    assert sentence(goal) == "the red ball is left of the blue box"
    assert read("  The red ball  is LEFT of the blue box. ") == goal
    assert read("the robot is at the green ring") == Goal("reach", "green", "ring")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("go north", "says nothing of toys"),
        ("the robot is at the redd ball", "did you mean red"),
        ("the red ball is beside the blue", "says nothing"),
        ("the red ball is beside the red ball", "name two toys"),
        ("the red ball is above the blue cube", "is no shape"),
    ],
)
def test_what_means_nothing_is_refused(said: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        read(said)


def test_held_combinations_leave_every_word_to_be_learned() -> None:
    left = words.combinations(held=False)
    assert len(left) == 30
    assert not {*left} & words.HELD
    assert {colour for colour, _ in left} == {*words.COLOURS}
    assert {shape for _, shape in left} == {*words.SHAPES}


def test_numbers_of_words_spell_the_sentence() -> None:
    levels = jax.vmap(ToyLevels().sample)(jax.random.split(jax.random.key(3), 40))
    said = jax.vmap(lambda level: spoken(level, level.goal))(levels)
    assert said.shape == (40, words.LONGEST)
    levels, said = jax.device_get((levels, said))
    kinds = set()
    for row in range(40):
        level = jax.tree.map(lambda leaf, row=row: leaf[row], levels)
        goal = goal_of(level)
        kinds.add(goal.kind)
        assert " ".join(words.VOCABULARY[word] for word in said[row]).strip() == sentence(goal)
    assert kinds == {*words.KINDS}
