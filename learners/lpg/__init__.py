"""Learned policy gradients: a network that tells agents how to learn, itself learned over many lives (Oh et al. 2020)."""
