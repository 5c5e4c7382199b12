"""Playing worlds: the process of a game, how many there may be, and which games there are."""
