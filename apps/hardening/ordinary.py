"""Ordinary prompts for conversations that keep what a target can do: our own, about nothing in particular."""

from __future__ import annotations

from itertools import product
from random import Random

FRAMES = (
    "Explain in simple words what {} is.",
    "Tell me two interesting things about {}.",
    "How would you describe {} to a child?",
    "Give me a short tip about {}.",
    "Write two friendly sentences about {}.",
    "Why do people care about {}?",
    "What should a beginner know about {}?",
    "Name three words that go with {} and say why.",
)
TOPICS = (
    "gardening", "the moon", "a bicycle", "good manners", "bread", "rain", "a library", "saving money",
    "friendship", "learning a language", "the sea", "a healthy breakfast", "public transport", "music", "a birthday",
    "winter", "keeping a diary", "a volcano", "teamwork", "photography", "sleep", "a museum", "recycling", "honey",
    "walking", "a thunderstorm", "electricity", "tea", "chess", "a village market", "the human heart", "maps",
    "patience", "wool", "a lighthouse", "cooking rice", "trees in a city", "letters", "a school play", "clocks",
)  # fmt: skip


def ordinary(count: int, rng: Random) -> list[str]:
    """So many different prompts, as many as there are at most, in an order drawn from `rng`."""
    every = [frame.format(topic) for frame, topic in product(FRAMES, TOPICS)]
    return rng.sample(every, min(count, len(every)))
