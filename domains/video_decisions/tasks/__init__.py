"""Computations that are posed as frames: mazes, automata, edges, sorting."""

from __future__ import annotations

from wunderkammer.domains.video_decisions.tasks.automata import HIGH_LIFE, LIFE
from wunderkammer.domains.video_decisions.tasks.bars import Bars
from wunderkammer.domains.video_decisions.tasks.edges import Edges
from wunderkammer.domains.video_decisions.tasks.mazes import Flood, Way
from wunderkammer.domains.video_decisions.tasks.task import Task

TASKS: tuple[Task, ...] = (Flood(), Way(), LIFE, HIGH_LIFE, Edges(), Bars())
MAZES = ("flood", "way")
LONG = tuple(task.name for task in TASKS if task.name != "edges")
"""Those whose answer takes more than one frame."""
