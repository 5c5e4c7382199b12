"""Where jobs run: what a dispatcher has to bring; submitting, queueing, waiting and adopting are the same for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from wunderkammer.jobs.folder import Folder


class Place(Protocol):
    """A machine, or many. Methods block; they are called by one process of a home at a time, behind its gate.

    Whoever runs a job there starts `python -m wunderkammer.jobs.keeper FOLDER --stay=WHERE` (as the record has it) with
    a Python that has our package: the keeper makes the attempts, writes the folder, obeys `cancel` and the time limit,
    and holds `keeper.lock`.
    """

    name: str

    def survey(self, running: Sequence[Folder]) -> None:
        """Before a round of starts: which jobs have been started and are not over."""
        ...

    def why_not(self, folder: Folder) -> str:
        """Why a job has to wait, in a line; empty where it may start now."""
        ...

    @property
    def full(self) -> bool:
        """Whether nothing more can start in this round, so that the rest of the queue need not be looked at."""
        ...

    def start(self, folder: Folder) -> None:
        """Start a job that may, and note in its record under which name (`where`).

        `OSError` or `WunderError` where it cannot be started: the job fails with that.
        """
        ...

    def rest(self, waiting: bool) -> None:
        """After a round of starts. waiting: whether there are jobs in the queue still."""
        ...

    def alive(self, folder: Folder) -> bool:
        """Whether somebody still looks after a job that was started: it runs, or waits in the place's own queue."""
        ...

    def clear(self, folder: Folder) -> bool:
        """End what a dead keeper left behind; False where something resists, and the job has to wait."""
        ...

    def end(self, folder: Folder) -> None:
        """Ask for the end of a job that was started, beyond the file `cancel` that its keeper sees: withdraw it where
        no keeper lives yet."""
        ...
