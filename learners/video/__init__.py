"""Worlds learned from unlabelled video: a tokenizer, a latent action model, and dynamics over tokens (torch)."""
