"""Grid worlds by name: the hand-made ones that nobody is trained on, and files of the user's own."""

from __future__ import annotations

from wunderkammer.worlds.catalogue import Catalogue
from wunderkammer.worlds.grids.text import Plan, read, write

GRIDS: Catalogue[Plan] = Catalogue("grid world", "grid worlds", "wunderkammer.worlds.grids", read, write)
