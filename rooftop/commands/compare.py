"""``rooftop compare A B``: recordings side by side."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from results.compare.comparison import GROUPS
from results.compare.match import By
from rooftop.compare import run_compare
from rooftop.options import add_slo
from rooftop.parsing import parser_of

EPILOG = """\
figures for --fail-on: output_tok_s, output_tok_s_per_gpu, requests_s, goodput, error_rate,
ttft_, tpot_, e2e_ with p50, p90, p95, p99 or mean, and itl_ with p50, p90, p95 or p99.
The first recording, or the baseline, is what the others are held against.

exit codes: 0 nothing got worse than allowed, 1 something did or a file cannot be read, 2 wrong usage,
3 the data cannot decide (the line says how many requests it takes)
"""


def command(words: list[str]) -> int:
    """Run it."""
    parser = parser_of(
        "compare", "Put levels of recordings side by side, with differences and their intervals.", EPILOG
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="recordings; the first is the base")
    parser.add_argument("--group", choices=GROUPS, help="one side for each value of this, in place of each recording")
    parser.add_argument("--by", choices=get_args(By),
                        help="the axis: levels of this kind of load at the same lengths, or of all prompt lengths at "
                             "the same load; crossings are sought along it (default: all of them)")  # fmt: skip
    parser.add_argument("--fail-on", action="append", default=[], metavar="RULE",
                        help="exit 1 where this got worse: tpot_p99:+10%% or output_tok_s:-5%%, at one level "
                             "tpot_p99@64:+10%%; may be given again, or several with commas")  # fmt: skip
    parser.add_argument("--baseline", metavar="NAME", help="hold the recordings against this baseline")
    parser.add_argument("--save-baseline", metavar="NAME", help="keep the last recording as this baseline")
    parser.add_argument("--format", choices=("text", "markdown", "json"), default="text", help="default text")
    add_slo(parser)
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the rules' outcomes there as JUnit XML")
    return run_compare(parser.parse_args(words))
