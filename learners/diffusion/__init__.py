"""Diffusion over vectors: what turns noise into rows that look like the data."""
