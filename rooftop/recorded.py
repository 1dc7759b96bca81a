"""``rooftop replay`` and ``rooftop report``: what can be done with a recording."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

import msgspec

from rooftop.collecting import uncollected
from rooftop.errors import Failure, Usage
from rooftop.terminal import cannot_draw, sense_of
from session.codec import NotARecording
from session.playback import ReplaySession
from session.running import is_running
from session.view import Snapshot


def replay(args: argparse.Namespace) -> int:
    """Show the screen from a recording."""
    if why := cannot_draw("replay"):
        raise Usage(f"{why}; without one use: rooftop report {args.file}")
    with uncollected():
        from rooftop.screen import run_screen
        from tui.app import RooftopApp

    try:
        session = ReplaySession(args.file)
    except (OSError, NotARecording) as error:
        raise unreadable(args.file, error) from None
    app = RooftopApp(session, None, theme=args.theme, sense=sense_of(args))
    code = run_screen(app, mouse=app.config.mouse)
    args.onward = app.onward
    return code


def report(args: argparse.Namespace) -> int:
    """Print a recording's levels, or write a page."""
    if args.format == "html":
        return _page(args)
    if len(args.files) > 1:
        raise Usage("several recordings fit on a page (--format html); rooftop compare puts them side by side as text")
    running = is_running(args.files[0])
    snapshot = _load(args.files[0], args)
    running = running and snapshot.ended is None
    if args.gpu_hour is not None:
        snapshot = dataclasses.replace(
            snapshot, header=msgspec.structs.replace(snapshot.header, gpu_hour=args.gpu_hour)
        )
    if args.format == "json":
        from session.report import report as figures

        json.dump(figures(snapshot, running=running, share=args.slo_share), sys.stdout, indent=2, allow_nan=False)
        print()
    else:
        from rooftop.table import print_report

        print_report(snapshot, running=running, share=args.slo_share)
    return 0


def _page(args: argparse.Namespace) -> int:
    from results.page.page import write
    from results.run import short_name
    from results.unsuited import Unsuited

    out = args.output or Path(short_name(args.files[0]) + ".html")
    if out.exists() and not args.force:
        raise Usage(f"{out} exists: say --force to write over it, or -o FILE")
    try:
        write(args.files, out, slo=args.slo or None, share=args.slo_share)
    except (OSError, NotARecording) as error:
        named = getattr(error, "filename", None)
        raise unreadable(Path(named) if named else args.files[0], error) from None
    except Unsuited as error:
        raise Failure(str(error)) from None
    print(out)
    return 0


def unreadable(path: Path, error: OSError | NotARecording) -> Failure:
    """Return the failure to open a recording, in one line."""
    return Failure(f"{path}: {error.strerror if isinstance(error, OSError) else error}")


def _load(path: Path, args: argparse.Namespace) -> Snapshot:
    from results.stream import snapshot_of

    try:
        return snapshot_of(path, recount=args.recount, slo=args.slo or None)
    except (OSError, NotARecording) as error:
        raise unreadable(path, error) from None
