"""What cannot be made of a recording."""

from __future__ import annotations


class Unsuited(Exception):
    """The recording lacks what is asked for, or the machine a library; the text is one line for the user."""
