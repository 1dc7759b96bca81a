"""The command ``rooftop``, and ``python -m rooftop``."""

from __future__ import annotations

import sys

from engine import spawn

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
    from rooftop.cli import main as command

    return command()


if __name__ == "__main__":
    sys.exit(main())
