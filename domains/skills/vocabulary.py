"""Plain English words, names and invented nouns that problems are made of."""

from __future__ import annotations

from wunderkammer.domains.skills.lexicon import spaced

WORDS = spaced(
    "ox egg ice owl ant bee cat dog sun map hat jam key pen cup bus "
    "bird fish lamp tree milk rain door moon ship frog desk leaf wolf "
    "apple bread chair cloud horse house lemon mouse piano river stone tiger water "
    "banana basket candle cheese coffee dragon flower garden guitar hammer island jacket "
    "kitchen lantern monster mustard octopus penguin picture rainbow teacher village whisper "
    "airplane birthday carnival dinosaur elephant hospital mountain notebook umbrella "
    "butterfly chocolate crocodile dandelion furniture jellyfish orchestra pineapple telescope "
    "strawberry basketball blackberry lighthouse watermelon background helicopter "
    "caterpillar kindergarten refrigerator grandmother mississippi thunderstorm"
)
"""Lower case, no repeats, two to twelve letters; none is a key word of any problem."""

NAMES = (
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Emma",
    "Felix",
    "Hugo",
    "Julia",
    "Karl",
    "Lena",
    "Nina",
    "Oscar",
    "Rosa",
    "Tom",
)
INVENTED = ("wug", "dax", "fep", "blick", "toma", "zib", "gorp", "lorp", "narn", "pell", "quib", "rax")
"""Nouns that mean nothing, so that only the premises can tell."""
