"""A search whose server is not there."""

from __future__ import annotations

CONFIG = """
[servers.gone]
url = "http://127.0.0.1:9/v1"
attempts = 1

[roles.default]
server = "gone"
model = "m"
"""


def test_a_server_that_is_down_is_named_before_anything_is_tried(wunder, tmp_path) -> None:
    (tmp_path / "wunder.toml").write_text(CONFIG)

    typed = wunder("run", "rainbow-skills", "--preset", "smoke", "--quiet")

    assert typed.code == 2
    said = (typed.out + typed.err).splitlines()
    told = [at for at, line in enumerate(said) if "http://127.0.0.1:9/v1: nobody answers there yet; trying on" in line]
    failed = [at for at, line in enumerate(said) if " failed: " in line]
    assert len(told) == 1
    assert told < failed
