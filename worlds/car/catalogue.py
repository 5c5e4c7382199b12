"""Tracks by name: twenty in the shape of Formula 1 circuits, drawn by us, and files of the user's own."""

from __future__ import annotations

from wunderkammer.worlds.car import text
from wunderkammer.worlds.catalogue import Catalogue

CIRCUITS = "circuits"
"""The suite that students are judged by and never trained on."""
TRACKS = Catalogue("track", "tracks", "wunderkammer.worlds.car", text.read, text.write)
