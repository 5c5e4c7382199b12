"""AMaze: a partially observed maze of walls, one goal and one agent, in which every level can be played."""
