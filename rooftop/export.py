"""``rooftop export``: a recording in another tool's format."""

from __future__ import annotations

import argparse
from pathlib import Path

from results.export.formats import FORMATS
from results.run import short_name
from results.unsuited import Unsuited
from rooftop.errors import Failure, Usage
from rooftop.recorded import unreadable
from session.codec import NotARecording


def run_export(args: argparse.Namespace) -> int:
    """Write it, and print where."""
    form = FORMATS[args.to]
    out = args.output or Path(f"{short_name(args.file)}-{args.to}" if not form.suffix else
                              short_name(args.file) + form.suffix)  # fmt: skip
    if out.is_file() and not args.force:
        raise Usage(f"{out} exists: say --force to write over it, or -o FILE")
    if not args.file.exists():
        raise Failure(f"{args.file}: No such file or directory")
    try:
        written = form.load()(args.file, out)
    except NotARecording as error:
        raise unreadable(args.file, error) from None
    except OSError as error:
        raise Failure(f"{error.filename or out}: {error.strerror}") from None
    except Unsuited as error:
        raise Failure(f"{args.file}: {error}") from None
    for path in written:
        print(path)
    return 0
