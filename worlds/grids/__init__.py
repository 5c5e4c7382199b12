"""Grid worlds with objects that pay, end episodes and come back: the worlds in which learned optimisers are trained."""
