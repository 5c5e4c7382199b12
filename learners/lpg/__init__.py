"""Learned policy gradients: a network, learned over many lives, that tells agents how to learn (Oh et al. 2020)."""
