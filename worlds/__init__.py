"""Environments in JAX: step, reset to a given level, render."""
