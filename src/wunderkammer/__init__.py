"""Wunderkammer: agents that propose attacks, environments and discoveries, and a cabinet that keeps the new and good."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("wunderkammer")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"
