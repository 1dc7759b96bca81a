"""Failures that a person can do something about."""

from __future__ import annotations


class Failure(Exception):
    """The command failed; the text is one line for the user. Exit code 1."""


class Usage(Exception):
    """The command was used wrongly; the text is one line for the user. Exit code 2."""
