"""What follows a screen that was left for another: the set-up screen, the sessions, a replay."""

from __future__ import annotations

import argparse


def onward(code: int, args: argparse.Namespace, words: list[str] | None = None) -> int:
    """Go where the key that ended a session leads; without one, return its exit code."""
    if getattr(args, "onward", None) != "setup":
        return code
    from rooftop.desk import styled
    from rooftop.setup import from_session, set_up

    return set_up(styled(args)) if words is None else from_session(words)
