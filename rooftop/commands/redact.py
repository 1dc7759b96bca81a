"""``rooftop redact FILE``: a recording to hand on."""

from __future__ import annotations

from pathlib import Path

from results.redact import redact
from results.run import short_name
from rooftop.errors import Failure, Usage
from rooftop.parsing import parser_of
from rooftop.recorded import unreadable
from session.codec import NotARecording
from session.paths import SUFFIX


def command(words: list[str]) -> int:
    """Run it."""
    parser = parser_of("redact", "Copy a recording without hosts, addresses, paths, notes, ids and texts of servers.")
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: its name with -redacted, here")
    parser.add_argument("--model", action="store_true", help="leave out the model's name too")
    args = parser.parse_args(words)
    out = args.output or Path(f"{short_name(args.file)}-redacted{SUFFIX}")
    try:
        done = redact(args.file, out, model=args.model)
    except FileExistsError:
        raise Usage(f"{out} exists: say another with -o FILE") from None
    except NotARecording as error:
        raise unreadable(args.file, error) from None
    except OSError as error:
        raise Failure(f"{error.filename or args.file}: {error.strerror}") from None
    print(f"{out}: {done.events:,} events, {done.dropped} notes and log lines left out")
    return 0
