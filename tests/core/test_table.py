"""Tables: read with one line for each fault, changed without touching what was given."""

from __future__ import annotations

import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.table import changed, read_table


def test_dotted_keys_reach_into_tables_and_make_those_that_lack():
    values = {"a": {"b": {"c": 1, "d": 2}}, "e": 3}
    assert changed(values, {"a.b.c": 9, "e": 4, "f.g": 5}) == {"a": {"b": {"c": 9, "d": 2}}, "e": 4, "f": {"g": 5}}
    assert values == {"a": {"b": {"c": 1, "d": 2}}, "e": 3}


def test_what_is_no_table_cannot_be_reached_into():
    with pytest.raises(ConfigError, match=r"seed\.x: seed is no table"):
        changed({"seed": 3}, {"seed.x": 1})


def test_faults_of_a_file_are_one_line_each(tmp_path):
    file = tmp_path / "p.toml"
    with pytest.raises(ConfigError, match=r"p\.toml: no such preset"):
        read_table(file)
    with pytest.raises(ConfigError, match=r"p\.toml: write one first"):
        read_table(file, absent="write one first")
    file.write_bytes(b'a = "\xff"')
    with pytest.raises(ConfigError, match="not valid TOML"):
        read_table(file)
    file.write_text("[a]\nb = 1\n")
    assert read_table(file) == {"a": {"b": 1}}
