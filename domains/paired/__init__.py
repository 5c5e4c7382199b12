"""Environments designed by a learned adversary, and by curation: how should a student's levels be chosen?"""

from __future__ import annotations

from wunderkammer.domains.paired.car_tracks import TrackSearch
from wunderkammer.domains.paired.maze_levels import MazeSearch
from wunderkammer.domains.paired.study import PairedStudy

DOMAINS = (MazeSearch, TrackSearch, PairedStudy)
