"""``rooftop run URL``: a ramp without a screen."""

from __future__ import annotations

import argparse

from rooftop.errors import Usage
from rooftop.options import add_load, add_output, add_target, duration_s, levels, rates, warmup_s
from rooftop.parsing import parsed, parser_of
from rooftop.profiles import PROFILE_HELP, with_profile
from rooftop.run import run
from rooftop.trace_options import add_trace
from session.steadiness import MIN_STEADY_S
from sim.flags import add_conditions


def command(words: list[str]) -> int:
    """Run it."""
    args = parsed(run_parser(), with_profile(run_parser(), words))
    if args.warmup is not None and args.warmup + MIN_STEADY_S > args.hold:
        raise Usage(
            f"--warmup {args.warmup:g}s leaves less than {MIN_STEADY_S:g} s of --hold {args.hold:g}s to measure; "
            "hold levels longer"
        )
    return run(args)


def run_parser() -> argparse.ArgumentParser:
    """Return the parser."""
    parser = parser_of("run", "Hold one level of load after the other, record, and print the levels.")
    parser.add_argument("url", nargs="?", metavar="URL", help="OpenAI-compatible server")
    parser.add_argument("--profile", metavar="NAME", help=PROFILE_HELP)
    parser.add_argument("--demo", action="store_true", help="run against the simulated server in place of a URL")
    ramp = parser.add_mutually_exclusive_group(required=True)
    ramp.add_argument("--concurrency", type=levels, metavar="N,N,…", help="requests in flight, e.g. 1,2,4,8")
    ramp.add_argument("--rate", type=rates, metavar="R,R,…", help="requests a second (an open loop), e.g. 8,16,32")
    add_trace(parser, ramp)
    parser.add_argument("--hold", type=duration_s, default=10.0, metavar="TIME",
                        help="how long each level is held (default 10s)")  # fmt: skip
    parser.add_argument("--warmup", type=warmup_s, metavar="TIME",
                        help="leave so much of each level's beginning out of its figures "
                             "(default: until as many requests have finished as are in flight)")  # fmt: skip
    for add in (add_output, add_load, add_target):
        add(parser)
    add_conditions(parser, "sim-")
    return parser
