"""The command ``rooftop``, and ``python -m rooftop``."""

from __future__ import annotations

import io
import sys

from engine import spawn
from rooftop.crash import tell

MEASURING = ("run", "demo")
HELP = ("-h", "--help")


def measures(words: list[str]) -> bool:
    """Whether a command line is likely to begin a session: its engine then starts beside everything else."""
    begins = words[:1] == [] or words[0] in MEASURING or words[0].startswith(("http:", "https:", "-"))
    return begins and not any(word in HELP or word == "--version" for word in words)


def main() -> int:
    """Run the command line; return its exit code."""
    if measures(sys.argv[1:]):
        spawn.prepare()
    plain_streams()
    try:
        from rooftop.cli import main as command

        return command()
    except Exception as error:  # noqa: BLE001 - a mistake of rooftop's own is one line too
        tell(error, "failed")
        return 1


def plain_streams() -> None:
    """Let no line fail on a character that the locale's encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
