"""What a recording holds, as text: for tests that look for a word in it."""

from __future__ import annotations

from pathlib import Path

from session.codec import NotARecording
from session.recording import Reader


def text_of(path: Path) -> str:
    """Return header and events as JSON lines; nothing while there is no recording yet."""
    try:
        reader = Reader(path)
    except (FileNotFoundError, NotARecording):
        return ""
    lines = [reader.header_line, *(line for lines in reader.lines() for line in lines)]
    reader.close()
    return b"\n".join(lines).decode()
