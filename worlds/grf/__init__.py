"""Google Research Football, played by a program of its own in an environment of its own."""
