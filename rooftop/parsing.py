"""What the parsers of all commands have in common."""

from __future__ import annotations

import argparse

from rooftop.options import workload
from rooftop.trace_options import replayed


def parser_of(command: str, description: str, epilog: str | None = None) -> argparse.ArgumentParser:
    """Return an empty parser of a command; the bare program is the command without a name."""
    return argparse.ArgumentParser(
        prog=f"rooftop {command}".strip(),
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def parsed(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """Parse the flags and find contradictions among those of the load before anything starts."""
    args = parser.parse_args(words)
    workload(args)
    args.trace = replayed(args)
    return args


def add_screen(parser: argparse.ArgumentParser) -> None:
    """Add the flags of commands that draw."""
    parser.add_argument("--theme", metavar="NAME", help="rooftop-dark, rooftop-light or one of your own")
