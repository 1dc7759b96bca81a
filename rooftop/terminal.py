"""Whether there is a terminal to draw on, and what it can show."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.sense import Sense


def has_terminal() -> bool:
    """Return whether keys can be read and a screen drawn; Textual draws on standard error."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def _in_browser() -> bool:
    """Whether textual-serve has started us: a browser is the terminal then."""
    return "TEXTUAL_DRIVER" in os.environ


def cannot_draw(what: str = "the screen") -> str | None:
    """Return why there can be no screen here, or nothing."""
    if _in_browser():
        return None
    if not has_terminal():
        return f"{what} needs a terminal"
    if os.environ.get("TERM") == "dumb":
        return f"{what} needs a terminal that can place its cursor, and TERM is dumb"
    return None


def terminal_words() -> str:
    """Return the terminal's name and what it is taken to show."""
    from tui.sense import sense

    found = sense(os.environ, coerced=bool(sys.flags.utf8_mode))
    colours = {"truecolor": "true colour", "none": "no colours"}.get(found.colours, f"{found.colours} colours")
    return f"{os.environ.get('TERM', 'no TERM')}, {colours}{', ASCII alone' if found.ascii else ''}"


def sense_of(args: argparse.Namespace) -> Sense:
    """Return what this terminal can show, and what the user wants of it: by a flag, or in ``config.toml``."""
    from tui.config import read_config
    from tui.sense import Sense, sense

    ascii_only = args.ascii or read_config().ascii
    if _in_browser():
        return Sense(ascii=ascii_only)
    return sense(os.environ, ascii_only=ascii_only, coerced=bool(sys.flags.utf8_mode))
