"""`python -m wunderkammer.apps.cli` is `wunder`, for programs that start it."""

from __future__ import annotations

from wunderkammer.apps.cli.app import main

if __name__ == "__main__":
    main()
