"""``rooftop compare``: recordings side by side, and whether one is worse."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from results.compare.as_json import as_json
from results.compare.comparison import Comparison, compare, grouped, one_each
from results.compare.gate import REGRESSED, UNDECIDED, BadRule, Rule, exit_code, parse_rule
from results.compare.junit import as_junit
from results.compare.markdown import as_markdown
from results.compare.rows import LEGEND, headings, rows
from results.run import Run, load
from rooftop.baselines import find_baseline, save_baseline
from rooftop.errors import Failure, Usage
from rooftop.recorded import unreadable
from rooftop.table import plain
from session.codec import NotARecording

PLAIN_WIDTH = 160
_STYLES = {"better": "green", "worse": "red"}
_OUTCOMES = {REGRESSED: ("WORSE", "bold red"), UNDECIDED: ("CANNOT TELL", "yellow")}


def run_compare(args: argparse.Namespace) -> int:
    """Compare what was named; return 1 on a regression, 3 where the data cannot decide."""
    rules = _rules(args.fail_on)
    files = [find_baseline(args.baseline)] if args.baseline else []
    files += args.files
    if len(files) < 2:
        raise Usage("compare needs two recordings, or one and --baseline NAME")
    runs = [_load(path) for path in files]
    sides = grouped(runs, args.group) if args.group else one_each(runs)
    if len(sides) < 2:
        raise Usage(f"all recordings have the same {args.group} ({sides[0].name}): leave out --group")
    found = compare(sides, rules)
    _write(args, found)
    if args.save_baseline:
        print(f"baseline {args.save_baseline}: {save_baseline(args.save_baseline, files[-1])}", file=sys.stderr)
    return exit_code(list(found.findings)) if rules else 0


def _rules(texts: list[str]) -> list[Rule]:
    try:
        return [parse_rule(part) for text in texts for part in text.split(",")]
    except BadRule as error:
        raise Usage(f"--fail-on: {error}") from None


def _load(path: Path) -> Run:
    try:
        return load(path)
    except (OSError, NotARecording) as error:
        raise unreadable(path, error) from None


def _write(args: argparse.Namespace, found: Comparison) -> None:
    if args.format == "json":
        print(json.dumps(as_json(found), indent=2, allow_nan=False))
    elif args.format == "markdown":
        print(as_markdown(found), end="")
    else:
        print_comparison(found)
    if args.junit is not None:
        try:
            args.junit.write_text(as_junit(found), encoding="utf-8")
        except OSError as error:
            raise Failure(f"{args.junit}: {error.strerror}") from None


def print_comparison(found: Comparison) -> None:
    """Print a table, crossings, and what the rules found."""
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False, markup=False, emoji=False)
    if found.matched:
        console.print(_table(found))
        console.print(Text(LEGEND, "dim"))
    else:
        console.print(Text("no level of the first is in another: levels match by load and by lengths"))
    for side in found.sides:
        if side.origin:
            console.print(Text(plain(f"{side.name}: measured by {side.origin}"), "dim"))
    for side, key in found.alone:
        console.print(Text(f"not compared: {side.name}, {key.whole}", "dim"))
    for one in found.crossings:
        console.print(Text(one.words))
    for finding in found.findings:
        word, style = _OUTCOMES.get(finding.outcome, ("ok", "green"))
        console.print(Text(f"{word:<12}", style) + Text(finding.text))


def _table(found: Comparison) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("level", no_wrap=True)
    table.add_column("", overflow="ellipsis", no_wrap=True)
    for title in headings(found):
        table.add_column(Text(title.replace(" ", "\n", 1)), justify="right", no_wrap=True)
        table.add_column("Δ", no_wrap=True)
    table.add_column("limited by", no_wrap=True)
    for row in rows(found):
        cells = [
            part for cell in row.cells for part in (Text(cell.value), Text(cell.change, _STYLES.get(cell.mood, "")))
        ]
        table.add_row(Text(row.level), Text(row.side), *cells, Text(row.verdict))
    return table
