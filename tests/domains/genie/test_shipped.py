"""Worlds by name: a folder that stands here counts before a shipped one."""

from __future__ import annotations

from pathlib import Path

import pytest

from wunderkammer.domains.genie import shipped


@pytest.fixture
def known(tmp_path, monkeypatch) -> Path:
    """One world is shipped; we stand in an empty folder."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(shipped, "FOLDER", tmp_path / "learned")
    place = tmp_path / "learned/coinrun"
    place.mkdir(parents=True)
    (place / "settings.json").touch()
    (tmp_path / "learned/empty").mkdir()
    return place


def test_a_name_is_a_shipped_world(known) -> None:
    assert shipped.names() == ["coinrun"]
    assert shipped.located(Path("coinrun")) == known


def test_a_folder_that_stands_here_goes_before_it(known) -> None:
    Path("coinrun").mkdir()
    assert shipped.located(Path("coinrun")) == Path("coinrun")


@pytest.mark.parametrize("other", ["empty", "other", "worlds/coinrun", "..", "."])
def test_anything_else_is_a_folder(known, other) -> None:
    assert shipped.located(Path(other)) == Path(other)


def test_a_home_is_found(known, monkeypatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert shipped.located(Path("~/coinrun")) == Path("/somewhere/coinrun")
