"""Talking with the system: operations without any model, the tools made of them, and a session of the guide."""
