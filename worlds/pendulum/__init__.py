"""A pendulum to swing up and to hold."""
