"""A room of coloured toys, whose goals are sentences: a world for what learns from pictures and words."""
