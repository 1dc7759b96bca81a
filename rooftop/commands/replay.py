"""``rooftop replay FILE``: the screen from a recording."""

from __future__ import annotations

from pathlib import Path

from rooftop.onward import onward
from rooftop.parsing import add_screen, parser_of
from rooftop.recorded import replay


def command(words: list[str]) -> int:
    """Run it."""
    parser = parser_of("replay", "Show the screen from a recording.")
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording")
    add_screen(parser)
    args = parser.parse_args(words)
    return onward(replay(args), args)
