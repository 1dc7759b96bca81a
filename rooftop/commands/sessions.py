"""``rooftop sessions``: the list of recordings, and what is done with it."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from rooftop.errors import Usage
from rooftop.options import whole
from rooftop.parsing import add_screen, parser_of
from rooftop.sessions import sessions

AGES = {"h": 3600.0, "d": 86_400.0, "w": 7 * 86_400.0}
SIZES = {"": 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def command(words: list[str]) -> int:
    """Run it; ``repair FILE`` is ``rooftop repair FILE``."""
    if words[:1] == ["repair"]:
        from rooftop.commands.repair import command as repair

        return repair(words[1:])
    parser = parser_of(
        "sessions",
        "List the recorded sessions: open, compare, rename and delete them.",
        "'rooftop sessions repair FILE' is 'rooftop repair FILE'.",
    )
    parser.add_argument("places", nargs="*", type=Path, metavar="FOLDER",
                        help="folders and files besides the recordings folder")  # fmt: skip
    parser.add_argument("--format", choices=("text", "json"),
                        help="print the list (without a terminal: text)")  # fmt: skip
    parser.add_argument("--wait", action="store_true",
                        help="with --format: read every recording to its end, however long that takes")  # fmt: skip
    group = parser.add_argument_group("deleting")
    group.add_argument("--prune", action="store_true", help="delete what any of the bounds below names")
    group.add_argument("--keep", type=whole(0, 1_000_000), metavar="N", help="all but the newest N")
    group.add_argument("--older", type=age, metavar="TIME", help="last changed longer ago, e.g. 30d, 12h, 8w")
    group.add_argument("--larger", type=size, metavar="SIZE", help="files larger than, e.g. 500MB")
    group.add_argument("--total", type=size, metavar="SIZE",
                       help="the oldest, until the rest takes no more than this, e.g. 10GB")  # fmt: skip
    group.add_argument("--yes", action="store_true", help="do not ask")
    add_screen(parser)
    args = parser.parse_args(words)
    bounds = (args.keep, args.older, args.larger, args.total)
    if args.prune and all(bound is None for bound in bounds):
        raise Usage("--prune deletes by a bound: say --keep N, --older 30d, --larger 500MB or --total 10GB")
    if not args.prune and (args.yes or any(bound is not None for bound in bounds)):
        raise Usage("--keep, --older, --larger, --total and --yes go with --prune")
    return sessions(args)


def age(text: str) -> float:
    """Parse ``30d``, ``12h`` or ``8w`` into seconds."""
    found = re.fullmatch(r"(\d{1,5})([hdw])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no age; write it like 30d, 12h or 8w")
    return int(found[1]) * AGES[found[2]]


def size(text: str) -> int:
    """Parse ``10GB`` or ``500MB`` into bytes."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)\s*([kMGT]?B|)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it like 500MB or 10GB")
    return round(float(found[1]) * SIZES[found[2]])
