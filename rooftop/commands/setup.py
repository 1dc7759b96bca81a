"""``rooftop setup``: fill in what a session is started with."""

from __future__ import annotations

from rooftop.commands.watch import watch_parser
from rooftop.setup import set_up

ABOUT = "Fill in server, requests, load and GPUs on a screen, save them as a profile, and start the session."


def command(words: list[str]) -> int:
    """Run it."""
    if any(word in ("-h", "--help") for word in words):
        parser = watch_parser()
        parser.prog, parser.description, parser.epilog = "rooftop setup", ABOUT, None
        parser.parse_args(["--help"])
    return set_up(words)
