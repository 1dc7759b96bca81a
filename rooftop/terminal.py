"""Whether there is a terminal to draw on."""

from __future__ import annotations

import sys


def has_terminal() -> bool:
    """Return whether keys can be read and a screen drawn; Textual draws on standard error."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
