"""A study from beginning to end: conducted, resumed, watched, reported, and its findings checked."""
