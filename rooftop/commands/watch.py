"""``rooftop [URL]``: watch a server and load it by keys."""

from __future__ import annotations

import argparse

from loadgen.plan import MAX_CONCURRENCY
from loadgen.target import DEFAULT_URL
from rooftop import __version__
from rooftop.cli import HELP
from rooftop.errors import Usage
from rooftop.options import add_load, add_output, add_target, arrivals, rate, whole
from rooftop.parsing import add_screen, parsed, parser_of
from rooftop.profiles import PROFILE_HELP, with_profile
from rooftop.session import target_of
from rooftop.trace_options import add_trace
from rooftop.watch import watch


def command(words: list[str]) -> int:
    """Run it."""
    from rooftop.onward import onward

    words = with_profile(watch_parser(), words)
    args = arguments(watch_parser(), words)
    return onward(watch(args), args, words)


def watch_parser() -> argparse.ArgumentParser:
    """Return the parser: every flag of a session that is watched."""
    parser = parser_of("", "Ramp the load on an LLM server and see why a decode step takes as long as it does.", HELP)
    parser.add_argument("--version", action="version", version=f"rooftop {__version__}")
    parser.add_argument("url", nargs="?", default=DEFAULT_URL, metavar="URL", help="OpenAI-compatible server")
    parser.add_argument("--profile", metavar="NAME",
                        help=PROFILE_HELP)  # fmt: skip
    parser.add_argument("--concurrency", type=whole(0, MAX_CONCURRENCY), default=0, metavar="N",
                        help="requests in flight at the start (default 0: only watch)")  # fmt: skip
    parser.add_argument("--rate", type=rate, metavar="R",
                        help="begin with an open loop: so many requests a second, e.g. 32")  # fmt: skip
    add_trace(parser)
    for add in (add_screen, add_output, add_load, add_target):
        add(parser)
    return parser


def arguments(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """Parse and check all that can be checked before anything starts; raise :class:`Usage`."""
    args = parsed(parser, words)
    if sum((args.rate is not None, bool(args.concurrency), args.trace is not None)) > 1:
        raise Usage("--rate, --concurrency and --trace are ways to load a server: say one")
    arrivals(args)
    target_of(args, args.url)
    return args
