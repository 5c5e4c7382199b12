"""Football of n against n, in which every position of the players and the ball can be played from."""
