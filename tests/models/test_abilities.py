"""What was found out about servers is shared, kept, and never in the way."""

from __future__ import annotations

import logging

from wunderkammer.models.abilities import FILE_NAME, Abilities, Notebook


def test_it_is_remembered_by_server_and_model(tmp_path):
    Notebook(tmp_path).learn("http://a/v1", "m", {"n": False})
    later = Notebook(tmp_path)
    assert later.get("http://a/v1", "m") == Abilities(n=False)
    assert later.get("http://a/v1", "other") == later.get("http://b/v1", "m") == Abilities()


def test_two_processes_do_not_undo_each_other(tmp_path):
    one, two = Notebook(tmp_path), Notebook(tmp_path)
    one.learn("http://a", "m", {"n": False})
    assert two.learn("http://a", "m", {"seed": True}) == Abilities(n=False, seed=True)
    two.learn("http://b", "m", {"logprobs": 5})
    assert Notebook(tmp_path).get("http://a", "m") == Abilities(n=False, seed=True)


def test_what_is_known_already_is_not_written_again(tmp_path):
    book = Notebook(tmp_path)
    book.learn("http://a", "m", {"n": False})
    (tmp_path / FILE_NAME).unlink()
    book.learn("http://a", "m", {"n": False})
    assert not (tmp_path / FILE_NAME).exists()


def test_a_damaged_file_is_begun_anew(tmp_path, caplog):
    for text in ("{half", "[]", '{"a#m": {"nonsense": 1}}', '{"a#m": 3}'):
        (tmp_path / FILE_NAME).write_text(text)
        book = Notebook(tmp_path)
        assert book.get("a", "m") == Abilities()
    assert len(caplog.records) == 4
    book.learn("a", "m", {"n": True})
    assert Notebook(tmp_path).get("a", "m").n is True


def test_a_home_that_cannot_be_written_is_a_warning(tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    (tmp_path / "file").write_text("")
    book = Notebook(tmp_path / "file")
    assert book.learn("a", "m", {"n": False}).n is False
    assert book.get("a", "m").n is False
    assert "cannot be written" in caplog.text


def test_no_stray_files_are_left(tmp_path):
    book = Notebook(tmp_path)
    for k in range(5):
        book.learn("a", f"m{k}", {"n": False})
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]
