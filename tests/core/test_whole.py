"""Files that appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from wunderkammer.core.whole import drafted, write_whole


def test_what_was_there_stays_until_the_new_is_whole(tmp_path: Path) -> None:
    place = write_whole(tmp_path / "note.txt", "old")

    with drafted(place) as draft:
        draft.write_bytes(b"ne")
        assert place.read_text("utf-8") == "old"
        draft.write_bytes("näu".encode())

    assert place.read_text("utf-8") == "näu"
    assert [one.name for one in tmp_path.iterdir()] == ["note.txt"]


@pytest.mark.parametrize("end", [ValueError, KeyboardInterrupt])
def test_a_draft_that_came_to_nothing_is_gone(tmp_path: Path, end: type[BaseException]) -> None:
    place = write_whole(tmp_path / "note.txt", b"old")

    def stopped() -> None:
        with drafted(place) as draft:
            draft.write_bytes(b"ne")
            raise end

    with pytest.raises(end):
        stopped()
    assert place.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["note.txt"]


def test_writers_at_once_do_not_meet(tmp_path: Path) -> None:
    place = tmp_path / "note.txt"

    with drafted(place) as one, drafted(place) as other:
        one.write_bytes(b"one")
        other.write_bytes(b"other")

    assert place.read_bytes() == b"one"  # the last one to end


def test_a_folder_that_was_taken_away_stays_away(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "gone" / "note.txt", "words")

    assert not (tmp_path / "gone").exists()
