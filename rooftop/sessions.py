"""What ``rooftop sessions`` does: the screen, the printed list, deleting by bounds."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rooftop.desk import desk
from rooftop.errors import Failure, Usage
from rooftop.library import Shelf, usual_places
from rooftop.terminal import cannot_draw
from session.catalogue import Entry
from session.keeping import may_be_written, to_prune

BUDGET_S = 2.0
"""The printed list reads recordings that are new to it for so long, the smallest first."""


def sessions(args: argparse.Namespace) -> int:
    """List, show or prune."""
    shelf = Shelf(_places(args.places))
    if args.prune:
        return prune(shelf, args)
    if args.format is None and cannot_draw() is None:
        from rooftop.profiles import last

        return desk("sessions", shelf, args, last())
    entries = _summed(shelf, wait=args.wait)
    if args.format == "json":
        json.dump([plain(entry) for entry in entries], sys.stdout, indent=1, allow_nan=False)
        print()
    else:
        _print(entries)
    for problem in shelf.catalogue.problems:
        print(f"rooftop: {problem}", file=sys.stderr)
    return 0


def plain(entry: Entry) -> dict[str, Any]:
    """Return an entry for scripts; later versions add fields and rename none."""
    found = entry.summary
    return {
        "path": str(entry.path),
        "state": {"…": "unread"}.get(entry.state, entry.state),
        "problem": entry.problem,
        "size_bytes": entry.size_bytes,
        "started_at": entry.started_at,
        "target": entry.target,
        "simulated": entry.simulated,
        "model": found.model if found else None,
        "gpu": found.gpu if found else None,
        "gpus": found.gpus if found else None,
        "tp": found.tp if found else None,
        "levels": found.levels if found else None,
        "peak_output_tok_s": found.peak_tok_s if found else None,
        "duration_s": round(found.duration_s, 3) if found else None,
        "requests": found.requests if found else None,
        "ended": found.ended if found else None,
    }


def prune(shelf: Shelf, args: argparse.Namespace) -> int:
    """Delete what the bounds name, after a question."""
    now_s = time.time()
    # A recording that changed just now is read: it may be deleted only where its end is seen.
    entries = [
        shelf.summarise(entry, lambda: False) if may_be_written(entry, now_s) else entry for entry in shelf.entries()
    ]
    doomed = to_prune(
        entries, now_s, keep=args.keep, older_s=args.older, larger_bytes=args.larger, total_bytes=args.total
    )
    if not doomed:
        print("nothing to delete")
        return 0
    from tui.desk.listing import size

    for entry in doomed:
        print(f"{size(entry.size_bytes):>6}B  {_printable(str(entry.path))}")
    what = f"{len(doomed)} of {len(entries)} recordings, {size(sum(entry.size_bytes for entry in doomed))}B"
    if not args.yes and not _agreed(f"delete {what}?"):
        print("nothing was deleted")
        return 1
    problems = [why for entry in doomed if (why := shelf.delete(entry)) is not None]
    for why in problems:
        print(f"rooftop: {_printable(why)}", file=sys.stderr)
    print(f"deleted {len(doomed) - len(problems)} recordings")
    return 1 if problems else 0


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise Usage(f"{question} Nobody is here to answer: say --yes")
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _places(given: Sequence[Path]) -> list[Path]:
    for place in given:
        if not place.exists():
            raise Failure(f"{place}: no such folder or recording")
    return [*usual_places(), *(place.absolute() for place in given)]


def _summed(shelf: Shelf, *, wait: bool) -> list[Entry]:
    """Read what is new, the smallest first and for a while; say how many were left."""
    until = time.monotonic() + BUDGET_S
    entries = shelf.entries()
    found = {entry.path: entry for entry in entries}
    for entry in sorted(entries, key=lambda entry: entry.size_bytes):
        if wait or time.monotonic() < until:
            found[entry.path] = shelf.summarise(entry, lambda: not wait and time.monotonic() > until)
    shelf.save()
    if left := sum(entry.state == "…" for entry in found.values()):
        print(f"rooftop: {left} recordings were not read to their end yet; --wait takes the time", file=sys.stderr)
    return [found[entry.path] for entry in entries]


def _print(entries: Sequence[Entry]) -> None:
    from tui.desk.listing import COLUMNS, Look, chosen
    from tui.draw.clean import clean

    rows = [[column.cell(entry) for column in COLUMNS] for entry in chosen(entries, Look())]
    table = [[column.name for column in COLUMNS], *rows]
    widths = [max(len(row[n]) for row in table) for n in range(len(COLUMNS))]
    for row in table:
        cells = [
            text.rjust(wide) if column.right else text.ljust(wide)
            for text, wide, column in zip(row, widths, COLUMNS, strict=True)
        ]
        print("  ".join(cells).rstrip())
    for entry in entries:
        if entry.problem is not None:
            print(f"{_printable(str(entry.path))}: {clean(entry.problem)}")
    if not entries:
        print("no recordings yet: every session makes one")


def _printable(text: str) -> str:
    from tui.draw.clean import clean

    return clean(text)
