"""``rooftop cat FILE``: a recording as JSON lines, for grep and jq."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import BinaryIO

from rooftop.parsing import parser_of
from rooftop.recorded import unreadable
from session.codec import NotARecording
from session.lost import lost_lines
from session.recording import Reader

POLL_S = 0.2
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]")


def command(words: list[str]) -> int:
    """Run it."""
    parser = parser_of("cat", "Print a recording's header and events as JSON, one object a line.")
    parser.add_argument("file", type=Path, metavar="FILE", help="a recording")
    parser.add_argument("-f", "--follow", action="store_true", help="go on as it grows, until the session ends")
    args = parser.parse_args(words)
    try:
        reader = Reader(args.file)
    except (OSError, NotARecording) as error:
        raise unreadable(args.file, error) from None
    try:
        _print(reader, sys.stdout.buffer, follow=args.follow)
    finally:
        reader.close()
    for line in lost_lines(reader.lost):
        print(f"rooftop: {line}", file=sys.stderr)
    return 0


def _print(reader: Reader, out: BinaryIO, *, follow: bool) -> None:
    out.write(_harmless(reader.header_line) + b"\n")
    ended = False
    while True:
        for lines in reader.lines():
            out.write(b"".join(_harmless(line) + b"\n" for line in lines))
            ended |= lines[-1].startswith(b'{"type":"end"')
        out.flush()
        if ended or not follow:
            return
        time.sleep(POLL_S)


def _harmless(line: bytes) -> bytes:
    """Return a line with control characters as JSON writes them: what a server said may drive no terminal."""
    return _CONTROL.sub(lambda found: b"\\u%04x" % found[0][-1], line)
