"""The command `wunder`."""

from __future__ import annotations

from wunderkammer.apps.cli.app import main

__all__ = ["main"]
