"""``rooftop report FILE``: a recording's levels as text or JSON."""

from __future__ import annotations

from pathlib import Path

from rooftop.options import add_price
from rooftop.parsing import parser_of
from rooftop.recorded import report


def command(words: list[str]) -> int:
    """Run it."""
    parser = parser_of("report", "Print a recording's levels.")
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    add_price(parser)
    return report(parser.parse_args(words))
