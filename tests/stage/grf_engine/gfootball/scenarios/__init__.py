"""Where the engine looks for levels by name."""
