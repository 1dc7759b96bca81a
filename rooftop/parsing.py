"""What the parsers of all commands have in common."""

from __future__ import annotations

import argparse


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
    from rooftop.options import workload  # a replay has no load, and starts the sooner
    from rooftop.trace_options import replayed

    args = parser.parse_args(words)
    workload(args)
    args.trace = replayed(args)
    return args


def add_screen(parser: argparse.ArgumentParser) -> None:
    """Add the flags of commands that draw."""
    parser.add_argument("--theme", metavar="NAME",
                        help="rooftop-dark (default), -light, -high-contrast, -okabe-ito (colour-blind safe), -16 "
                             "(the terminal's own colours), or one of your own")  # fmt: skip
    parser.add_argument("--ascii", action="store_true", help="draw with ASCII alone")
    parser.add_argument("--debug", action="store_true", help="show a traceback where rooftop itself fails")
