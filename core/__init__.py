"""The contract that every other room of the house stands on: pure types, errors, settings and ids."""
