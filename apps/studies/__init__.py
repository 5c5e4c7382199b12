"""Jobs of the studies that the house brings along: each module is a program of its own, run by a dispatcher."""
