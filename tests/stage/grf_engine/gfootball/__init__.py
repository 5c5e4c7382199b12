"""A stand-in for the real engine: the same doors, and a game in which the ball rolls along x until it is a goal."""
