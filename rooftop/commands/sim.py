"""``rooftop sim``: only the simulated server."""

from __future__ import annotations

from sim.__main__ import main


def command(words: list[str]) -> int:
    """Run it."""
    return main(words)
