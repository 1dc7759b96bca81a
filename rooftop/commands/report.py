"""``rooftop report FILE``: a recording's levels as text, JSON or a page."""

from __future__ import annotations

from pathlib import Path

from rooftop.options import add_price, add_slo
from rooftop.parsing import parser_of
from rooftop.recorded import report


def command(words: list[str]) -> int:
    """Run it."""
    parser = parser_of("report", "Print a recording's levels, or make a page of one or several.")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a recording; for a page several")
    parser.add_argument("--format", choices=("text", "json", "html"), default="text", help="default text")
    parser.add_argument("-o", "--output", type=Path, metavar="PATH",
                        help="where the page goes (default: the recording's name with .html)")  # fmt: skip
    parser.add_argument("--force", action="store_true", help="write over a page that exists")
    parser.add_argument(
        "--recount", action="store_true", help="count all events of a long recording, not those after its checkpoint"
    )
    add_price(parser)
    add_slo(parser)
    return report(parser.parse_args(words))
