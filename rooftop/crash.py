"""A mistake of the program's own, in one line with a way out; ``--debug`` or ROOFTOP_DEBUG=1 shows all of it."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

from session.plain import plain


def debugging() -> bool:
    """Whether the user asked for tracebacks."""
    return os.environ.get("ROOFTOP_DEBUG", "") not in ("", "0") or "--debug" in sys.argv[1:]


def tell(error: BaseException, what: str) -> None:
    """Print what failed to standard error: a line, or the traceback (without values of variables: some are keys)."""
    debug = debugging()
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    more = "" if debug else "; ROOFTOP_DEBUG=1 shows more"
    print(f"rooftop: {what}: {_said(error)}{more}", file=sys.stderr)


def _said(error: BaseException) -> str:
    text = " ".join(plain(str(error)).split())[:200]
    named = f"{type(error).__name__}: {text}" if text else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    return f"{named} ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else named
