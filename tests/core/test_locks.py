"""Whether a file's lock is held: seen by many at once, and not changed by looking."""

from __future__ import annotations

import fcntl
import os

from wunderkammer.core import locks


def test_a_lock_is_held_until_it_is_let_go(tmp_path) -> None:
    file = tmp_path / "a.lock"
    with locks.holding(file):
        assert locks.held(file)
        assert locks.take(file) is None
    assert not locks.held(file)


def test_looking_makes_no_file(tmp_path) -> None:
    assert not locks.held(tmp_path / "none.lock")
    assert list(tmp_path.iterdir()) == []


def test_one_who_looks_is_not_taken_for_a_holder(tmp_path) -> None:
    file = tmp_path / "a.lock"
    file.touch()
    looker = os.open(file, os.O_RDONLY)
    fcntl.flock(looker, fcntl.LOCK_SH)
    try:
        assert not locks.held(file)
    finally:
        os.close(looker)
