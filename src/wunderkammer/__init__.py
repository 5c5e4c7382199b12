"""Wunderkammer: agents that propose attacks, environments and discoveries, and a cabinet that keeps the new and good."""

__version__: str


def __getattr__(name: str) -> str:
    """The version, once somebody asks: looking it up takes longer than starting a job's program."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("wunderkammer")
    except PackageNotFoundError:  # a source tree that was never installed
        found = "0.0.0"
    globals()[name] = found
    return found
