"""Text of servers, files and users as one line that holds nothing but what can be seen."""

from __future__ import annotations


def plain(text: str) -> str:
    """Return text with a space for each character that is not printable: control codes, line ends, direction marks."""
    return "".join(c if c.isprintable() else " " for c in text)
