"""How things learn, shared by domains."""
