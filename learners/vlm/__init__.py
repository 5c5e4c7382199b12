"""Rewards from models that know pictures and words: the probability that a frame shows what a sentence says."""
